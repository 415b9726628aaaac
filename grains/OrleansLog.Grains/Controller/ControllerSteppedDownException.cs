namespace OrleansLog.Grains;

/// <summary>This activation is not the controller any more; ask again, and the next one answers.</summary>
internal sealed class ControllerSteppedDownException(string reason) : Exception($"this controller has stepped down: {reason}");
