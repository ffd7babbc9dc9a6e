namespace Headroom.Measurements.Tests.Histogram;

/// <summary>
/// Payloads made by two independent implementations and what they say of them: the Java reference (HdrHistogram 2.1.11, Debian's
/// libhdrhistogram-java) and hdr-histogram-js 3.0.1 (npm); and payloads of ours that both have read, to the same figures. They must stay
/// readable for ever, so they are never made again. How they were made:
/// <code>
/// const h = hdr.build({ lowestDiscernibleValue, highestTrackableValue, numberOfSignificantValueDigits, autoResize, bitBucketSize: 64 });
/// h.recordValue(…);
/// hdr.encodeIntoCompressedBase64(h);                         // theirs
/// hdr.decodeFromCompressedBase64(ours, 64);                  // ours, read by them
/// [0, 50, 75, 90, 95, 99, 99.9, 99.99, 100].map(p => h.getValueAtPercentile(p));
///
/// h.encodeIntoCompressedByteBuffer(buffer);                  // the same in Java
/// Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(Base64.getDecoder().decode(ours)), 0);
/// </code>
/// </summary>
internal static class FrozenPayloads
{
    public static readonly double[] Percentiles = [0, 50, 75, 90, 95, 99, 99.9, 99.99, 100];

    /// <summary>1 to 3.6e12, 3 digits; nothing recorded.</summary>
    public static readonly FrozenPayload JsEmpty = new(
        0,
        [0, 0, 0, 0, 0, 0, 0, 0, 0],
        "HISTFAAAACB4nJNpmSzMwMDACMXMDBDAyMDA7GawYwEDnA8ASQ8DHw==");

    /// <summary>1 to 3.6e12, 3 digits; 2,000 log-uniform values from 1e5 to 3e8, one 0, five times 2e9.</summary>
    public static readonly FrozenPayload JsLogUniform = new(
        2006,
        [0, 5738495, 43155455, 145620991, 215613439, 285212671, 2000683007, 2000683007, 2000683007],
        "HISTFAAABc94nD1W7YokRRCsi8qaoiyKpmmKpmmHZhiGYRmX9TjkOESPQ9Df/vBRBP/rG/gCPob/fTGJyNpdmNme7q78iIyMzK//+nsJof0YQngXQojB/96FEH/+9t9/wutv/PcHItAB"
        + "y1gQMCEAM17QceADMhLQEPAeBQEbFjR8QsShXx0VKwISIgJuaIiI2JFRkBH05Ak7FiRYRMEOxFMCvpdlN1mAbJjlvlqgPxkoOIwGgOBx0CaqTi0oDJoeKmbMmJBxQwVWHo7oWPHAr+jo"
        + "yKgWgYSOF7vRCDNqkKUJHQVNtwJ9WdHDhhVnvrLJ/cxcRnDMFhXMZ8WGXS/giSEmCImIxrSqQinKYLKOGQejyziQsCFiRsYZVnifOZ4gDIpFJKObTeYCioBtjIipZ1swISFjkz23BuEc"
        + "FU62pBAbK2SwHRGmB4Aga4KsI+nw7pYP3A3VLnpHlmbPBFmQqAidrrKOM9PDDrCuLKAXp+skuTGJC0+sh1XFSSYxiB34xGIlYcByz4h4wR0LuiGZ3k2qb0AzFGsERy5nALudIZxwoKIi"
        + "Ce2AUcgCIR/0iYJjMsXMhIMxQpmng11QBUHYdTej4m47q70gmNCPonrV1QMY8CZBwZQT5O6qy6SQGm4kZNKtQOMDqF3fGBmIIMxzUJcnJhPnmuyQpvpK6GbFGajGUQOSHRMgoJVIwgsv"
        + "JzjoE19dhDSfmZfyItyIwGb8beT3dYCQzXFcEdWEDcGqIIqqR1QZ4htHupQjjy6hDmDFqtqEUWBBvuGui2d9JuVHP19ITNHB0qsMHfL7hAcLiBlViuO99exNl/VoQrRZqvCQihBSvnCQ"
        + "DXx8g8eUZKORQB0/OMdXb/yIpiYJwqZBIcxeFTV6PC2s3cCQJQ9q6+yQe1s8iVoqT1BwFRBKiM5osHFl2+lacDN2TYITZVbyxQXPc7Pkz7+oHAwqG1PrMrK5fVcAUnLR2dkCVtsx4Wy0"
        + "d0aSawvevVm8esaQbN6XfCqiwcbidYd86s4dBb/LWzm5NySj/PbX10RADgk6W43cVC3V0CiGYTMqgrNEOYvCdfR7wBmrElepI4K5Mi8QX1j9g9NkRzLKp8i2MA0jbrNSLB7d3WdEHzRk"
        + "/ZVW9sTLEFby3qtAKt3VaBRIE4luuKpJZ8UnKDbvKSYXUU+LU8bFfpLrTd+zjtrmHJvk4jWf85tcPjM8CSScvW1IvzNLfPK2zvCMXQU3vKgV80hm9ORqYVzNQtJH7U3Rr4QNF9ImULbZ"
        + "OM7I6nhDo138BR5ytg4ZbWNcz7aMKVPwBFzwk4SVRjZVPylSV1GP/Kzf7O+rrhZoh/is+g+lFtrFZ391NZ0VEmfIZJThqu5onmpCMausrRTqwhGmBWHBiYaEgledED3wCV08kQfcMeMj"
        + "zp550rAKZv7fEehv4iVgHP8og6qDFQ9+dwJmtc0IzTO44cH9QQVf8IXQWhKHRZ+AcuKCsRpBjTrziyZDFBV9kNFutxFTFciCzReAqlgo2LhQTc0bTq92xUx45sEhQhcMu5hbpPXpzU0b"
        + "c5gr0EZyfyfbH3SSSwArfNFLwfppFa181Xvvz4t0KMk/qZDUGVBXbj7klJtNiiyNRUFddx5jLOAhk1nMS8BVMvFAx29GdnW5ED+IozdkgciSfIgmASSNkfrhWY1Q33wODecIvks3g/P+"
        + "LIJlRJf1ohQZmc55K9DTRcNSYnJDPjWUU4PE+xhrXdUoPbvWBGjWTmNpeiCabxy8a5pjBzT6k/qCn3lo0zF6L6lmk45dUGx/1ciL+XRNqk3SSGu4SpXNF+9tzIisVZ/lsaR8A7J9UMcG"
        + "i2NXcrus54rN4ljvVWtvj4pmTBEPWQhSoOz6OGvJXKQUcexbTTjv5hvh6wpGeY3aOZv314zyOurqqB/dcg2/+G7tbM5DemT5qqRH9JL3jb240TYbeh5ipD6RpFLBPmJR0ET0s9aFrLWj"
        + "uJdTtkPOCKEWGqf0qIh3zJ/ffPU/ICxcRA==");

    /// <summary>1 to 3.6e12, 3 digits; 2^40 times 1500, 127 times 70000, 128 times 90000.</summary>
    public static readonly FrozenPayload JsLargeCounts = new(
        1099511628031,
        [1500, 1500, 1500, 1500, 1500, 1500, 1500, 1500, 90047],
        "HISTFAAAADN4nJNpmSzMwMAgwMDAwMjAwMDMAAGMDAzMbgY7FjDA+NvFG0DA4XzkP8b3LA1MALtyClg=");

    /// <summary>1000 to 6e10, 2 digits; 500 log-uniform values from 1e5 to 4e7.</summary>
    public static readonly FrozenPayload JsCoarse = new(
        500,
        [100352, 2244607, 10289151, 23199743, 28573695, 38273023, 40108031, 40108031, 40108031],
        "HISTFAAAATJ4nD1SS0oFQQysV6kkrxkGkYe4cSsexSt4IMGlCy/pEVxKktYe5pdffbqf3r9uAD8BXAAQvewbwPnz+oa9Lh8WkK5cBLkEGmk8SXCRNDmNXjFWbP8hLIhq6WhdB8HkPHwy"
        + "9X3U60bTvY6uc5EWgjKqRgXjtEhaYE9L3vFkNqhoatimhsY3PmxYQV4j1bSdSwO89t1kSwcf1V1GNe8ZNGDGGoGOrYAYprzyJGQ0taSsuc/VmQWGJv44igpLzCizthuj1LdnVf7H0LdH"
        + "NdcJJcujCjvvOtWJpZZMLaK4mTzKjoPavMfoccZpSua/4M5C49ja0ihosRRRrtFhU2WM1gSmvIuzk0S0O3zZQto65ex7dAfn0OjUwav1j815sdFQ/k9H4YK3sclnO4ZjMaiqX4KtDQ8=");

    /// <summary>Auto-resized from 1 to 2, 3 digits; i * i * 1000 for i = 1 to 300.</summary>
    public static readonly FrozenPayload JsAutoResized = new(
        300,
        [1000, 22511615, 50626559, 72941567, 81264639, 88211455, 90046463, 90046463, 90046463],
        "HISTFAAAAUZ4nGWKMUhCURhG73+eJQ7yKIkIEwmJCImICAmRiIgQkQiRBmmQaIiIiIiGhgaThogQh4YIBweJaGyKiIamkIZoanRsbja8r3fz1Tuc838P7vBxNaQUZaWUKKUs5Xydrfzt"
        + "dtv9f7VpRmn08xakEqAa4LqXhp9HH68+znoo+ShZ1C2eLFoWt3AONTrjAZrwAnfCvfAsvAjvwofQEj6FL+FGOKIsnAinQkWoChfCpVAT6kJDP7kSVilQYI0iRdbZYJNNtthmh1322OeA"
        + "Q7ZIkWKOec0CiyywpEmTJkOGLFmWWWaFFXLkyJNnkXHixJnQdpg0TGmmDTOahDbBrHaWpDZFkgkiP0S1v4xoncb0imldRo0OY0aHcaNDnEFChBgwuu1m0KNblyHTX72ETR3DXTdMpOtG"
        + "TIP/sD3X9uit/Wf36X4DVrJPFQ==");

    /// <summary>1 to 1e9, 5 digits; i * 3331 for i = 1 to 300.</summary>
    public static readonly FrozenPayload JsFine = new(
        300,
        [3331, 499651, 749475, 899371, 949335, 989307, 999303, 999303, 999303],
        "HISTFAAAAEN4nJNpmSzMwMDcwsDAwMjAwMDKAAEgNoP1rFMMMH6rCVPzyEBTdZgapZj+S44IcrIQ038eEPrLA2WMsgctGwD/7RUf");

    /// <summary>Java; 1 to 3.6e12, 3 digits; the same values as OursSquares.</summary>
    public static readonly FrozenPayload JavaSquares = new(
        2261,
        [0, 536084479, 1452277759, 2204106751, 2493513727, 2738880511, 2795503615, 2801795071, 2801795071],
        "HISTFAAAAkt4nMVSTYhNURy//991u968nte4TS9fTZqmSdOEJEmaJjFJkmQhSZKFhYWFZCFEyWKaxSTJ4ilLyUqRhWZhMcnCWhYWFrIhvZXCeefce9493+eNhfd7v8//eZtpNt9ZKpJk"
        + "3Y9EfNLSicVDO14+Tma/iwG9EfQ24uN6dFt40MRyjoW1WMywjN/UTfGebuJzipUUvRTdNfiW4jXwAfgC/AKWUjwCPhG+En4S/hDuAveBLrBCeEjoEp4QnhKeEV4QXhHeEN4S3hGeEy7i"
        + "EsNlXMFVXMN13MAtwm3CPf5dICwSWw/jCMNRHGM4jhM4yXGK4TTDGZzFOYbzuMAwj10Mu0vsYdjLsY9jP8cs4xzTORwocZBjnv96gmFSchJTklPYxtnXae7TEjOcfWznFNjJKTCDDjZI"
        + "qtgkWccWSRXjpY7z1NetUgVVTJRsY1Sy0oELFIoXkpUWMo/V+phUwUoHLtBRvMOpqo4CTTQYKx24Dy2Lt5TUMlLd/WhrqW2ktpJM92FU8xwZY27xerJ3FQ1nb1hd1zqrpO8Nq5peT+6l"
        + "QtPTm4rbVU0mhWZIOV2qJrOF6U5mN682tyc12/q/IPcuuSepnjs2/epKcXQ1UzMk7O+UKOrurmQ2+xLP0BKT7D2k9uZa4xbbNdzM7luHe2EiW+ULfc2czZ59ybXod31NOIYS7xDIURaa"
        + "40Jgi9zD1TI4R+ccef5fSFf9wr6bq774ezrkJbTGJd3dF+EjWre/Cjf35lL2j8SpW+KfvBoXk8hL3B4b/MU7qvwL1J93uA==");

    /// <summary>Java; 1000 to 6e10, 2 digits; i * i * i * 100 for i = 1 to 500.</summary>
    public static readonly FrozenPayload JavaCoarse = new(
        500,
        [0, 1568669695, 5301600255, 9126805503, 10737418239, 12146704383, 12549357567, 12549357567, 12549357567],
        "HISTFAAAAP94nH1OPQvCMBANLxaRUkoREdEiUkQcRBycOoiDODi5KU5O/gZ3/4F/0tHR0UvS5Jrampd7d7ncxxs9nl0h5FWYA+Pkiyj67E9i8y4+ECBEDxMssMURN9xxwBkX5NhRlGOJ"
        + "NXGODFPMqWqFGYZIMaaMymXU3UMfA4LKp8QJYrIEXYL5VYgIoeZYm61SdRE6DmEJkUNMP21CoNmg44x7Tb/KSqpVsD7QvZars3ieoI5fBI59q4eareaIGpbFhjLLhq28mXfKYpYmC+/B"
        + "kDXxP1WsyVcHs8I6e6thmaquUWMzrGKzGuwFs6Ma8wQ3S/eE/yi3O1vgU469I6qPL+kJFeY=");

    /// <summary>Java; Auto-resized, 3 digits; i * i * 1000 for i = 1 to 300, and 2^50 times 3.</summary>
    public static readonly FrozenPayload JavaAutoResized = new(
        1125899906842924,
        [3, 3, 3, 3, 3, 3, 3, 3, 90046463],
        "HISTFAAAAUN4nGXPQSiDYRzH8f2/72Y5rMXS0ixpSUtLktaSJC1JkiQHOUgOkiTJwYEaOQhpBwdpB4clOTpJcpCDloOcHB1dXJznv+e1Z17eT9/f87xrl7dlJx/x+Tj0uY/zc0plguVy"
        + "eeDT/SGw7T7+xzClVoqNvIQ4ridfz0UdxSB3fp79HATI+ck5nDvcO7w7XMERFKhcbqEET3At3AgPwpPwKrwJ78KH8CVcClvsCnvCvnAs5IUT4VQoCOdC0fzlTJhmRs0yp+ZZYFEtscwK"
        + "q6yxzgab+t6vBhg0hshqw8aIGlVjalxNqEk1pbIk6VQpU0WX1W30WL1G2pQmY8rQZ+rXUsR/tJpq2kzuJswtYapqt7k6bK6kzdVJlIhqslX3t6in6lY1263lFbPrFvt1xvQLa2fcbuif"
        + "sOcMe/Ju+M+9wew3ijtTzA==");

    /// <summary>Java; 1 to 3.6e12, 3 digits; 3 times 1024, twice 4096, then shifted left by 3 bits: its normalizing offset is not 0.</summary>
    public static readonly FrozenPayload JavaShifted = new(
        5,
        [8192, 8199, 32799, 32799, 32799, 32799, 32799, 32799, 32799],
        "HISTFAAAACt4nJNpmSzMwMDAxsDAA6QYmBkggBHIdDPYsYDB/gNE4L892195FgB1GwbB");

    /// <summary>Ours; nothing recorded.</summary>
    public static readonly FrozenPayload OursEmpty = new(
        0,
        [0, 0, 0, 0, 0, 0, 0, 0, 0],
        "HISTFAAAACJ4nJNpmSzMwMDAyAABzFCakYGB2c1gxwIG+w9QEQBSpgRM");

    /// <summary>Ours; i * i * 700 for i = 1 to 2000, one 0, five times 1,999,999,999, 127 times 50,000, 128 times 60,000.</summary>
    public static readonly FrozenPayload OursSquares = new(
        2261,
        [0, 536084479, 1452277759, 2204106751, 2493513727, 2738880511, 2795503615, 2801795071, 2801795071],
        "HISTFAAAAlR4nMWSP2gTURzH732eR0xDDDWU4D9EQilSikqRIlJCES1SpIg4lCJSpINDBwcRh6KiIA6lQxERhwiOIk6C4iAdHIo4OIuDg4O4KJJJULl3yfXe3XvvXurgffP9+7tst/fO"
        + "Wj0IdvwI4kd2XQSBPHX45eOg9T0e6AzQ2c3HnbSrPKiwXmJlO6sh6/wWbcl7cZPPkg1JR9LexjfJa/gAX+AXrEkewSfBV8FPwR/BXbgPbdgQPBS0BU8ETwXPBC8ErwRvBG8F7wTPBZdZ"
        + "YokrXOUa11nmBrcEtwX31G9FsCpY5jQzzHCGWWY5yznOK8wxxzzzXOAiCyxwiUUWmWaccY52McEExxSOK0wqtJhkihZTnOjipMK0+neTJsMJhxlJOMJBxUhHlY8mGFOMcEgxxhHFGGM0"
        + "2JVQx56EaexLqGN/VyPEfiDRmDqaXdYYTNjTTY9R17yesKf1JA+l+lCiMXu66TEamkfayGgWdSqUqSS66S5UDV7VUjWX0u5GLZNquVTTUt5dGMx4iZCSQtbTydx1lK29bPSsptlL2b1s"
        + "1Lynk33poeLoFc3Nqqc8Yw2RijbVU74V057yPX81uTnp2dT/BSXnUnIk3dOabtmrLfnR1vIaEiAJNLV3W8o38+LPosUnmXuRmptt9VtM1+KW7661vzfyCLf4RujsYWF2JdsSFqzRtxfQ"
        + "lziHguxlRbNfKNg89+JqGKyjdfY8/y/ILb8hPVfZV5d9XopWvyS9L7EPZLr5reJm32waEH1J6tEscE+BS/1iRqwXv903uItz1PkX1J93uA==");

    /// <summary>Ours; 2^40 times 3, twice one hour.</summary>
    public static readonly FrozenPayload OursEdges = new(
        1099511627778,
        [3, 3, 3, 3, 3, 3, 3, 3, 3601330077695],
        "HISTFAAAACt4nJNpmSzMwMDAzQABzFCakYGB2c1gxwIG+w8QAdYGEHDo72JhAQCYswg8");
}

/// <param name="Count">Values in it, as hdr-histogram-js says.</param>
/// <param name="ValuesAtPercentiles">Its values at <see cref="FrozenPayloads.Percentiles"/>, as hdr-histogram-js says.</param>
/// <param name="Encoded">HdrHistogram V2, compressed, base64.</param>
internal sealed record FrozenPayload(long Count, long[] ValuesAtPercentiles, string Encoded);
