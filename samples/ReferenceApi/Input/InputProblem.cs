using Microsoft.AspNetCore.Http.HttpResults;

namespace ReferenceApi.Input;

/// <summary>
/// What is wrong with a request, by field, all of it: the answer is one RFC 9457 problem with status 400 and the member <c>errors</c>.
/// </summary>
internal sealed class InputProblem
{
    private readonly Dictionary<string, List<string>> errors = new(StringComparer.Ordinal);

    public void Add(string field, string message)
    {
        if (!errors.TryGetValue(field, out var messages))
            errors.Add(field, messages = []);

        messages.Add(message);
    }

    /// <summary>The answer, or null when nothing is wrong.</summary>
    public ValidationProblem? Answer() => errors.Count == 0
        ? null
        : TypedResults.ValidationProblem(errors.ToDictionary(entry => entry.Key, entry => entry.Value.ToArray(), StringComparer.Ordinal));
}
