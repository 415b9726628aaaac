using System.Reflection;

namespace OrleansLog.TestKit;

/// <summary>Answers every call of an interface with one function.</summary>
public class InterfaceStub : DispatchProxy
{
    private Func<MethodInfo, object?[], object?> _answer = null!;

    /// <summary>Makes one.</summary>
    /// <param name="answer">Is given the method and the arguments, and gives back or throws what the call does.</param>
    public static T Of<T>(Func<MethodInfo, object?[], object?> answer)
        where T : class
    {
        var stub = Create<T, InterfaceStub>();
        ((InterfaceStub)(object)stub)._answer = answer;
        return stub;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _answer(targetMethod!, args!);
}
