namespace OrleansLog.Client;

/// <summary>What a hosted consumer does with a record; made anew for each record, in a scope of its own, so it may take scoped services.</summary>
/// <typeparam name="TKey">Type of the keys.</typeparam>
/// <typeparam name="TValue">Type of the values.</typeparam>
/// <example>
/// <code>
/// sealed class Billing : IRecordHandler&lt;string, Order&gt;
/// {
///     public async ValueTask HandleAsync(ConsumeResult&lt;string, Order&gt; record, CancellationToken cancellationToken)
///     {
///         await Task.Delay(10, cancellationToken);
///         Console.WriteLine($"{record.Key} pays {record.Value.Amount}");
///     }
/// }
/// </code>
/// </example>
public interface IRecordHandler<TKey, TValue>
{
    /// <summary>
    /// Handles a record. It is called again when it throws, and for a record that was handled before when the process died or
    /// partitions moved before the commit: what it does should bear to be done twice.
    /// </summary>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Fires when the host cannot wait any longer.</param>
    ValueTask HandleAsync(ConsumeResult<TKey, TValue> record, CancellationToken cancellationToken);
}
