namespace ReferenceApi.Paging;

/// <summary>The names of orders: a column's name as clients write it, with a minus sign before it for descending.</summary>
internal static class SortKey
{
    private const string Name = "name";

    /// <summary>Whether the column holds text; the others hold numbers.</summary>
    public static bool IsText(string sort) => Column(sort) == Name;

    public static bool IsDescending(string sort) => sort.StartsWith('-');

    public static string Column(string sort) => sort.TrimStart('-');
}
