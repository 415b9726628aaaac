using OrleansLog.Client;
using OrleansLog.Protocol;

namespace OrleansLog.Cli;

/// <summary>Exit codes and messages of the cluster's refusals.</summary>
internal static class Failures
{
    public static (ExitCode Code, string Message) Describe(LogException error) => error switch
    {
        DeliveryUnknownException => (ExitCode.OutcomeUnknown, error.Message),
        _ => (Of(error.Code), Text(error.Code, error.Message)),
    };

    public static ExitCode Of(ErrorCode code) => code switch
    {
        ErrorCode.None => ExitCode.Ok,
        ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId or ErrorCode.OffsetOutOfRange or ErrorCode.BrokerNotAvailable
            or ErrorCode.BrokerIdNotRegistered or ErrorCode.ResourceNotFound
            or ErrorCode.GroupIdNotFound => ExitCode.NotFound,
        ErrorCode.MessageTooLarge or ErrorCode.RecordListTooLarge => ExitCode.RecordTooLarge,
        ErrorCode.CorruptMessage => ExitCode.Damage,
        ErrorCode.RequestTimedOut => ExitCode.OutcomeUnknown,
        _ => ExitCode.Error,
    };

    /// <summary>The broker's own words where it has some, with the code's name to search for.</summary>
    public static string Text(ErrorCode code, string? message)
    {
        var own = code.Describe();
        return WithName(code, (string.IsNullOrWhiteSpace(message) ? char.ToLowerInvariant(own[0]) + own[1..] : message).TrimEnd('.', ' '));
    }

    /// <summary>Why nothing could be done with a topic.</summary>
    public static CliException Topic(ErrorCode code, string? message, string name) => code switch
    {
        ErrorCode.UnknownTopicOrPartition => new(Of(code), WithName(code, $"there is no topic '{name}'")),
        ErrorCode.TopicAlreadyExists => new(Of(code), WithName(code, $"topic '{name}' exists already")),
        _ => Exception(code, message, $"topic '{name}'"),
    };

    /// <summary>Why nothing could be done with a group.</summary>
    public static CliException Group(ErrorCode code, string name) => code switch
    {
        ErrorCode.GroupIdNotFound => new(Of(code), WithName(code, $"there is no group '{name}'")),
        ErrorCode.NonEmptyGroup => new(Of(code), WithName(code, $"group '{name}' has members; stop them first")),
        _ => Exception(code, null, $"group '{name}'"),
    };

    /// <summary>The exception for a refusal, with what it was about in front.</summary>
    public static CliException Exception(ErrorCode code, string? message, string about) => new(Of(code), $"{about}: {Text(code, message)}");

    private static string WithName(ErrorCode code, string text) => $"{text} ({code.KafkaName()})";
}
