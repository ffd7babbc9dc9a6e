/**
 * Payloads of an independent implementation (hdr-histogram-js 3.0.1) and of ours that it has read, with what it says of them at these
 * percentiles; the same as in tests/Headroom.Measurements.Tests/Histogram/FrozenPayloads.cs.
 */
export const percentiles = [0, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1];

export const payloads = [
  {
    name: "jsEmpty",
    count: 0,
    values: [0, 0, 0, 0, 0, 0, 0, 0, 0],
    encoded:
      "HISTFAAAACB4nJNpmSzMwMDACMXMDBDAyMDA7GawYwEDnA8ASQ8DHw==",
  },
  {
    name: "jsLargeCounts",
    count: 1099511628031,
    values: [1500, 1500, 1500, 1500, 1500, 1500, 1500, 1500, 90047],
    encoded:
      "HISTFAAAADN4nJNpmSzMwMAgwMDAwMjAwMDMAAGMDAzMbgY7FjDA+NvFG0DA4XzkP8b3LA1MALtyClg=",
  },
  {
    name: "jsCoarse",
    count: 500,
    values: [100352, 2244607, 10289151, 23199743, 28573695, 38273023, 40108031, 40108031, 40108031],
    encoded:
      "HISTFAAAATJ4nD1SS0oFQQysV6kkrxkGkYe4cSsexSt4IMGlCy/pEVxKktYe5pdffbqf3r9uAD8BXAAQvewbwPnz+oa9Lh8WkK5cBLkEGmk8SXCRNDmNXjFWbP8hLIhq6WhdB8HkPHwy9X3U60bTvY6uc5EWgjKqRgXjtEhaYE9L3vFkNqhoatimhsY3PmxYQV4j1bSdSwO89t1kSwcf1V1GNe8ZNGDGGoGOrYAYprzyJGQ0taSsuc/VmQWGJv44igpLzCizthuj1LdnVf7H0LdHNdcJJcujCjvvOtWJpZZMLaK4mTzKjoPavMfoccZpSua/4M5C49ja0ihosRRRrtFhU2WM1gSmvIuzk0S0O3zZQto65ex7dAfn0OjUwav1j815sdFQ/k9H4YK3sclnO4ZjMaiqX4KtDQ8=",
  },
  {
    name: "jsAutoResized",
    count: 300,
    values: [1000, 22511615, 50626559, 72941567, 81264639, 88211455, 90046463, 90046463, 90046463],
    encoded:
      "HISTFAAAAUZ4nGWKMUhCURhG73+eJQ7yKIkIEwmJCImICAmRiIgQkQiRBmmQaIiIiIiGhgaThogQh4YIBweJaGyKiIamkIZoanRsbja8r3fz1Tuc838P7vBxNaQUZaWUKKUs5Xydrfztdtv9f7VpRmn08xakEqAa4LqXhp9HH68+znoo+ShZ1C2eLFoWt3AONTrjAZrwAnfCvfAsvAjvwofQEj6FL+FGOKIsnAinQkWoChfCpVAT6kJDP7kSVilQYI0iRdbZYJNNtthmh1322OeAQ7ZIkWKOec0CiyywpEmTJkOGLFmWWWaFFXLkyJNnkXHixJnQdpg0TGmmDTOahDbBrHaWpDZFkgkiP0S1v4xoncb0imldRo0OY0aHcaNDnEFChBgwuu1m0KNblyHTX72ETR3DXTdMpOtGTIP/sD3X9uit/Wf36X4DVrJPFQ==",
  },
  {
    name: "jsFine",
    count: 300,
    values: [3331, 499651, 749475, 899371, 949335, 989307, 999303, 999303, 999303],
    encoded:
      "HISTFAAAAEN4nJNpmSzMwMDcwsDAwMjAwMDKAAEgNoP1rFMMMH6rCVPzyEBTdZgapZj+S44IcrIQ038eEPrLA2WMsgctGwD/7RUf",
  },
  {
    name: "oursEdges",
    count: 1099511627778,
    values: [3, 3, 3, 3, 3, 3, 3, 3, 3601330077695],
    encoded:
      "HISTFAAAACt4nJNpmSzMwMDAzQABzFCakYGB2c1gxwIG+w8QAdYGEHDo72JhAQCYswg8",
  },
];
