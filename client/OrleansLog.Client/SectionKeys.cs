using Microsoft.Extensions.Configuration;
using OrleansLog.Protocol;

namespace OrleansLog.Client;

/// <summary>Refuses what the configuration binder would pass over: a key that is no option.</summary>
internal static class SectionKeys
{
    /// <summary>Throws for the first key of the section that <typeparamref name="TOptions"/> has no property for.</summary>
    /// <exception cref="ArgumentException">There is such a key.</exception>
    public static void ThrowIfUnknown<TOptions>(IConfiguration section)
    {
        var known = typeof(TOptions).GetProperties().Where(property => property.SetMethod is { IsPublic: true }).Select(property => property.Name).ToArray();
        foreach (var child in section.GetChildren())
        {
            if (known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                continue;

            var meant = EditDistance.Nearest(child.Key, known, ignoreCase: true) is { } nearest ? $"; did you mean {nearest}?" : ".";
            throw new ArgumentException($"The configuration has '{child.Path}', which is no option of {typeof(TOptions).Name}{meant}");
        }
    }
}
