using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using ReferenceApi.Input;

namespace ReferenceApi.Paging;

/// <summary>
/// The last row of a page, after which the next begins (keyset pagination: a page costs the same however deep it is, and rows
/// that come or go in between shift nothing). Clients get it as a word that they pass back unread.
/// </summary>
/// <param name="Sort">The order that the page was in; a cursor is good for that order alone.</param>
/// <param name="Key">The row's value of the column that orders.</param>
/// <param name="Id">The row's id, which decides between equal values.</param>
internal sealed record Cursor(string Sort, string Key, long Id)
{
    private const string Version = "1";
    private const char Separator = '\n';
    private const int Parts = 4;
    private const int LongestWord = 1_024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The key as a number, for columns that hold one.</summary>
    public long NumericKey => long.Parse(Key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    public static Cursor Of(string sort, long key, long id) => new(sort, key.ToString(CultureInfo.InvariantCulture), id);

    /// <summary>Reads a cursor that must be of the order <paramref name="sort"/>.</summary>
    public static bool TryParse(string word, string sort, [NotNullWhen(true)] out Cursor? cursor, [NotNullWhen(false)] out string? objection)
    {
        cursor = null;
        objection = "Is not a cursor of this API; take it unchanged from the 'next' of the page before, or leave it out for the first page.";
        if (Decode(word)?.Split(Separator, Parts) is not [Version, var cursorSort, var id, var key]
            || !long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var idNumber)
            || TextRules.Objection(key, LongestWord) is not null)
        {
            return false;
        }

        if (cursorSort != sort)
        {
            objection = "Belongs to pages in another order; use it with the sort that it came with, or leave it out for the first page.";
            return false;
        }

        if (!SortKey.IsText(sort) && !long.TryParse(key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            return false;

        cursor = new Cursor(sort, key, idNumber);
        objection = null;
        return true;
    }

    public override string ToString() => Base64Url.EncodeToString(Utf8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{Version}{Separator}{Sort}{Separator}{Id}{Separator}{Key}")));

    private static string? Decode(string word)
    {
        if (word.Length is 0 or > LongestWord || !Base64Url.IsValid(word))
            return null;

        try
        {
            return Utf8.GetString(Base64Url.DecodeFromChars(word));
        }
        catch (Exception exception) when (exception is DecoderFallbackException or FormatException)
        {
            return null;
        }
    }
}
