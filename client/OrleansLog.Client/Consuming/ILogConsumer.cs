namespace OrleansLog.Client;

/// <summary>
/// Reads records in offset order for each partition, and reads ahead while the program works: partitions that it was told to
/// read, or, as a member of a group, those that the group gives it.
/// </summary>
/// <remarks>
/// One reader at a time: an enumeration or a poll. Everything else may be called from any thread, also while a read waits. After
/// an exception the consumer stands before the record that could not be delivered, and reading may start again.
/// </remarks>
/// <typeparam name="TKey">Type of the keys; <see cref="Unit"/> where they do not matter.</typeparam>
/// <typeparam name="TValue">Type of the values.</typeparam>
/// <example>
/// <code>
/// await using var consumer = log.CreateConsumer&lt;string, string&gt;();
/// await consumer.AssignTopicAsync("greetings", StartAt.Beginning);
/// await foreach (var record in consumer.ReadAllAsync(cancellationToken))
///     Console.WriteLine($"{record.Offset}: {record.Key} = {record.Value}");
/// </code>
/// </example>
public interface ILogConsumer<TKey, TValue> : IAsyncDisposable
{
    /// <summary>The partitions that are read.</summary>
    IReadOnlyCollection<TopicPartition> Assignment { get; }

    /// <summary>The assigned partitions that are paused.</summary>
    IReadOnlyCollection<TopicPartition> Paused { get; }

    /// <summary>Reads exactly these partitions, each from its start; those that were read and are named again start anew.</summary>
    void Assign(IEnumerable<TopicPartition> partitions, StartAt start = default);

    /// <summary>Adds a partition, or starts it anew.</summary>
    void Assign(TopicPartition partition, StartAt start = default);

    /// <summary>Stops reading a partition; false when it was not assigned.</summary>
    bool Unassign(TopicPartition partition);

    /// <summary>Stops reading everything.</summary>
    void Unassign();

    /// <summary>Adds all partitions that a topic has now.</summary>
    /// <exception cref="UnknownTopicException">There is no such topic.</exception>
    ValueTask AssignTopicAsync(string topic, StartAt start = default, CancellationToken cancellationToken = default);

    /// <summary>Moves a partition; what was read ahead is dropped. The next record that is delivered comes from there.</summary>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    void Seek(TopicPartition partition, StartAt start);

    /// <summary>Delivers nothing more of these partitions until they are resumed; what was read ahead is kept.</summary>
    /// <exception cref="InvalidOperationException">A partition is not assigned.</exception>
    void Pause(params IEnumerable<TopicPartition> partitions);

    /// <summary>Delivers these partitions again.</summary>
    /// <exception cref="InvalidOperationException">A partition is not assigned.</exception>
    void Resume(params IEnumerable<TopicPartition> partitions);

    /// <summary>
    /// Offset of the next record to be delivered, as far as it is known at once: null before a start by time or at an end has been
    /// looked up.
    /// </summary>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    long? Position(TopicPartition partition);

    /// <summary>Offset of the next record to be delivered; waits until it is known.</summary>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    ValueTask<long> PositionAsync(TopicPartition partition, CancellationToken cancellationToken = default);

    /// <summary>The ends as the last read of the partition saw them; null before the first.</summary>
    Watermarks? LastWatermarks(TopicPartition partition);

    /// <summary>Asks for the ends of a partition, assigned or not.</summary>
    ValueTask<Watermarks> GetWatermarksAsync(TopicPartition partition, CancellationToken cancellationToken = default);

    /// <summary>Offset of the first record at or after a time, or null when there is none.</summary>
    ValueTask<long?> OffsetForTimeAsync(TopicPartition partition, DateTimeOffset time, CancellationToken cancellationToken = default);

    /// <summary>Delivers records as they come, without end.</summary>
    /// <exception cref="OffsetOutOfRangeException">See <see cref="ConsumerOptions.AutoOffsetReset"/>.</exception>
    /// <exception cref="RecordDeserializationException">A deserializer threw.</exception>
    /// <exception cref="CorruptRecordException">A batch is damaged, or larger than <see cref="ConsumerOptions.MaxDecompressedBatchBytes"/>.</exception>
    /// <exception cref="LogException">Anything else that does not heal by itself.</exception>
    IAsyncEnumerable<ConsumeResult<TKey, TValue>> ReadAllAsync(CancellationToken cancellationToken = default);

    /// <summary>Delivers the records that are readable now, up to the high watermark of each assigned partition, and ends.</summary>
    /// <remarks>
    /// Paused partitions are not waited for. In a group this means the partitions of its first assignment, as far as they stay.
    /// </remarks>
    IAsyncEnumerable<ConsumeResult<TKey, TValue>> ReadToEndAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Joins a group, delivers the records of the partitions that the group gives to this member, without end, and leaves the group
    /// when the enumeration ends: by cancelling, by breaking off, or by an exception.
    /// </summary>
    /// <remarks>
    /// A record counts as done when the next one is asked for; so one on which the loop is left by <c>break</c> or an exception is
    /// delivered again to whoever reads the partition next, unless it was committed by hand. When the token fires, the record in hand
    /// is finished, what is done is committed, and the group is told.
    /// </remarks>
    /// <param name="subscription">The topics.</param>
    /// <param name="group">The group, and what to be told about.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it and the range.</exception>
    /// <exception cref="InvalidOperationException">The consumer has partitions or a group already.</exception>
    /// <exception cref="GroupException">The group refuses this member.</exception>
    IAsyncEnumerable<ConsumeResult<TKey, TValue>> SubscribeAsync(
        Subscription subscription, GroupOptions group, CancellationToken cancellationToken = default);

    /// <summary>
    /// Becomes a member of a group with the next read: the form for <see cref="PollAsync"/> and for several reads in a row. What a poll
    /// returned counts as done with the next poll.
    /// </summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it and the range.</exception>
    /// <exception cref="InvalidOperationException">The consumer has partitions or a group already.</exception>
    void Subscribe(Subscription subscription, GroupOptions group);

    /// <summary>Commits what is done, if commits are automatic, and leaves the group; nothing happens without one.</summary>
    ValueTask UnsubscribeAsync(CancellationToken cancellationToken = default);

    /// <summary>What this consumer is in its group; null without one.</summary>
    GroupMembership? Membership { get; }

    /// <summary>Commits the positions of all partitions, behind the last record that was delivered of each, the one in hand included.</summary>
    /// <exception cref="InvalidOperationException">The consumer is in no group.</exception>
    /// <exception cref="CommitFailedException">Partitions are another member's by now.</exception>
    /// <exception cref="LogException">The coordinator refuses, or was not reached within <see cref="ConsumerOptions.ApiTimeoutMs"/>.</exception>
    ValueTask CommitAsync(CancellationToken cancellationToken = default);

    /// <summary>Commits these positions.</summary>
    /// <exception cref="InvalidOperationException">The consumer is in no group.</exception>
    /// <exception cref="CommitFailedException">A partition is not this member's.</exception>
    /// <exception cref="LogException">The coordinator refuses, or was not reached within <see cref="ConsumerOptions.ApiTimeoutMs"/>.</exception>
    ValueTask CommitAsync(IEnumerable<TopicPartitionOffset> offsets, CancellationToken cancellationToken = default);

    /// <summary>What the group has committed for these partitions, in their order; offset -1 where nothing is.</summary>
    /// <exception cref="InvalidOperationException">The consumer is in no group.</exception>
    /// <exception cref="LogException">The coordinator refuses, or was not reached within <see cref="ConsumerOptions.ApiTimeoutMs"/>.</exception>
    ValueTask<IReadOnlyList<CommittedOffset>> CommittedAsync(IEnumerable<TopicPartition> partitions, CancellationToken cancellationToken = default);

    /// <summary>
    /// Waits for records and adds up to <paramref name="maxRecords"/> of them to a list: the batch form. Returns 0 when
    /// <paramref name="maxWait"/> passed without any.
    /// </summary>
    /// <param name="into">The list to add to; the caller clears and reuses it.</param>
    /// <param name="maxRecords">Most records to add.</param>
    /// <param name="maxWait">Longest wait for the first record.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many records were added.</returns>
    ValueTask<int> PollAsync(
        List<ConsumeResult<TKey, TValue>> into, int maxRecords, TimeSpan maxWait, CancellationToken cancellationToken = default);
}
