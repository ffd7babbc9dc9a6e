using System.Text;

namespace ReferenceApi.Data;

/// <summary>
/// A WHERE clause of the conditions that a request asks for. Conditions are fixed texts with parameters, never values, so each combination is
/// one statement that can be prepared and planned for just what it filters.
/// </summary>
internal sealed class SqlFilter
{
    private readonly StringBuilder clause = new();

    public SqlFilter When(bool asked, string condition)
    {
        if (asked)
            clause.Append(clause.Length == 0 ? "WHERE " : " AND ").Append(condition);

        return this;
    }

    public override string ToString() => clause.ToString();
}
