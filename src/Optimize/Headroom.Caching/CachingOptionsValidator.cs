using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.Extensions.Options;

namespace Headroom.Caching;

/// <summary>Collects every error, so that a person corrects the configuration once.</summary>
internal sealed class CachingOptionsValidator : IValidateOptions<CachingOptions>
{
    public ValidateOptionsResult Validate(string? name, CachingOptions options)
    {
        var errors = new List<string>(options.BindingErrors);
        errors.AddRange(options.Default.Errors($"{CachingOptions.SectionName}:Default"));
        foreach (var (cache, policy) in options.Caches)
        {
            var path = $"{CachingOptions.SectionName}:Caches:{cache}";
            // One letter would look like the kind of a name in the store.
            if (cache.Length is < 2 or > CachingOptions.NameLongest || cache == CachingOptions.DefaultCache || cache.Contains(':', StringComparison.Ordinal))
                errors.Add($"{path} is not a name; write 2 to {CachingOptions.NameLongest} characters without ':', and not '{CachingOptions.DefaultCache}'.");
            errors.AddRange(policy.Errors(path));
        }

        var wrong = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options.Distributed, new ValidationContext(options.Distributed), wrong, validateAllProperties: true))
            errors.AddRange(wrong.Select(each => $"{CachingOptions.SectionName}:Distributed:{Found(options.Distributed, each)}. {each.ErrorMessage}"));
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    static string Found(DistributedTierOptions options, ValidationResult wrong)
    {
        var name = wrong.MemberNames.First();
        return string.Create(CultureInfo.InvariantCulture, $"{name} is {typeof(DistributedTierOptions).GetProperty(name)!.GetValue(options) ?? "null"}");
    }
}
