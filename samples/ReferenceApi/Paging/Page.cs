namespace ReferenceApi.Paging;

/// <summary>A page of a list. <c>next</c> is the cursor of the page after it, null on the last.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? Next)
{
    /// <summary>
    /// Cuts a page out of one row more than fits: that row tells that there is another page, without counting.
    /// </summary>
    public static Page<T> From(List<T> rows, int limit, Func<T, Cursor> cursor)
    {
        if (rows.Count <= limit)
            return new Page<T>(rows, Next: null);

        rows.RemoveRange(limit, rows.Count - limit);
        return new Page<T>(rows, cursor(rows[^1]).ToString());
    }
}
