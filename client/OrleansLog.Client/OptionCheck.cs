using System.Globalization;

namespace OrleansLog.Client;

/// <summary>Refuses options that make no sense, in words that name the option and its range.</summary>
internal static class OptionCheck
{
    internal static void Range(string name, long value, long min, long max)
    {
        if (value < min || value > max)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; it must be from {min} to {max}."));
    }

    internal static void Defined<T>(string name, T value) where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            throw new ArgumentException($"{name} is {value}; it must be one of {string.Join(", ", Enum.GetNames<T>())}.");
    }
}
