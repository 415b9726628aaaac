using System.Collections;
using System.Reflection;
using OrleansLog.Protocol;
using OrleansLog.Protocol.Messages;

namespace OrleansLog.Kafka.Tests.Golden;

/// <summary>The declared fields of a message, by reflection.</summary>
internal static class MessageFields
{
    /// <summary>Fields that tell which element of a list is which, the first that there is.</summary>
    private static readonly string[] Keys =
        ["ApiKey", "Name", "TopicName", "Topic", "TopicId", "PartitionIndex", "Partition", "Index", "GroupId", "Key", "GroupInstanceId", "MemberId", "NodeId", "BrokerId", "ResourceName"];

    public static IEnumerable<(PropertyInfo Property, object? Value)> Of(object message) =>
        message.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite && property.PropertyType != typeof(List<TaggedField>) && property.GetIndexParameters().Length == 0)
            .Select(property => (property, property.GetValue(message)));

    public static bool IsStruct(object? value) =>
        value is not null && value.GetType() is { IsClass: true } type && type != typeof(string) && value is not IList;

    /// <summary>Does something with each message inside a value: itself, or the elements of a list.</summary>
    public static void ForEachNested(object? value, Action<object> action)
    {
        if (IsStruct(value))
            action(value!);

        if (value is IList list)
        {
            foreach (var element in list)
            {
                if (IsStruct(element))
                    action(element!);
            }
        }
    }

    /// <summary>What an element is known by in its list; null when only its place tells.</summary>
    public static object? KeyOf(object element, Func<object, object> translate)
    {
        if (!IsStruct(element))
            return null;

        foreach (var name in Keys)
        {
            var value = element.GetType().GetProperty(name)?.GetValue(element);
            if (value is not (null or Uuid { IsZero: true }) && (value is not "" || name == "GroupId"))
                return (name, translate(value));
        }

        return null;
    }
}
