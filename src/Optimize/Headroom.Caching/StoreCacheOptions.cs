using System.ComponentModel.DataAnnotations;

namespace Headroom.Caching;

/// <summary>How a <see cref="StoreCache"/> keeps values. Wrong values are reported together by its constructor.</summary>
public sealed class StoreCacheOptions
{
    /// <summary>How long a value is kept that is set without an expiration. Default 5 minutes; more than zero, at most 3,650 days.</summary>
    public TimeSpan DefaultExpiration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How the store is used; the prefix tells its keys from those of others.</summary>
    public DistributedTierOptions Store { get; } = new();

    internal IEnumerable<string> Errors()
    {
        if (DefaultExpiration <= TimeSpan.Zero || DefaultExpiration > Expirations.Longest)
            yield return $"{nameof(DefaultExpiration)} is {DefaultExpiration}; write more than 0 and at most {Expirations.Longest}.";
        var wrong = new List<ValidationResult>();
        Validator.TryValidateObject(Store, new ValidationContext(Store), wrong, validateAllProperties: true);
        foreach (var each in wrong)
            yield return $"{nameof(Store)}: {each.ErrorMessage}";
    }
}
