namespace Headroom.Gateway.Tests.Conformance.Table;

/// <summary>The whole table, in the order of the RFCs' sections.</summary>
internal static class BehaviourTable
{
    public static IReadOnlyList<Behaviour> All { get; } =
    [
        .. new BehaviourGroup[]
        {
            Freshness.MaxAge, Freshness.Syntax, Freshness.Age, Expires.Dates, Expires.Formats, Expires.Heuristic,
            Storing.Directives, Storing.Authorization, Storing.StatusCodes, Storing.Keys, StoredFields.Kept, StoredFields.Removed, StoredFields.Made,
            VaryTable.Selecting, VaryTable.Star, VaryTable.Normalising,
            Validation.EntityTags, Validation.Dates, Validation.Requests, Validation.Updates, Validation.Head,
            PartialContent.FromComplete, PartialContent.FromParts, Invalidation.OfTarget, Invalidation.OfOthers, RequestDirectives.All,
            Stale.Forbidden, Stale.WhileRevalidate, Stale.IfError, TargetedControl.All, CacheStatusTable.All,
            Messages.Requests, Messages.Responses, Messages.InterimAnswers,
        }.SelectMany(group => group.Behaviours),
    ];
}
