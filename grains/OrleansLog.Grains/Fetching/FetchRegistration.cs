namespace OrleansLog.Grains.Fetching;

/// <summary>A waiting fetch on one partition's list.</summary>
/// <param name="Waiter">The fetch.</param>
/// <param name="FetchOffset">What it wants of this partition; it is not woken for anything before it.</param>
/// <param name="SeenBytes">The partition's committed bytes that it has been told of.</param>
/// <param name="RoomBytes">How many more bytes of the partition count: its maximum less what was counted, as an answer has room for no more.</param>
internal readonly record struct FetchRegistration(FetchWaiter Waiter, long FetchOffset, long SeenBytes, long RoomBytes);
