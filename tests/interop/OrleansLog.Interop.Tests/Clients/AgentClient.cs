using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Interop.Tests.Clients;

/// <summary>A client in a process of its own, driven by lines of JSON (tests/interop/node/agent.mjs, tests/interop/python/agent.py).</summary>
public sealed class AgentClient : IInteropClient
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly Process _process;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _waiting = new();
    private readonly StringBuilder _complaints = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private Task _ending = Task.CompletedTask;
    private int _lastId;
    private volatile bool _hasEnded;
    private bool _isDisposed;

    private AgentClient(Process process) => _process = process;

    public ClientTraits Traits { get; private set; } = null!;

    public static async Task<AgentClient> StartAsync(string file, IEnumerable<string> arguments, string workingDirectory)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory,
        };
        var agent = new AgentClient(new Process { StartInfo = start });
        var hello = agent.Await(0);
        agent._process.OutputDataReceived += (_, line) => agent.Received(line.Data);
        agent._process.ErrorDataReceived += (_, line) => agent.Complained(line.Data);
        agent._process.Start();
        agent._process.BeginOutputReadLine();
        agent._process.BeginErrorReadLine();
        agent._ending = agent.EndAsync();
        try
        {
            agent.Traits = (await hello.WaitAsync(Pause.Hangs)).Deserialize<ClientTraits>(Json)!;
            return agent;
        }
        catch
        {
            await agent.DisposeAsync();
            throw;
        }
    }

    public Task ProduceAsync(string topic, int partition, string codec, bool idempotent, IReadOnlyList<Rec> records) =>
        CallAsync("produce", new { topic, partition, codec, idempotent, records });

    public Task<Rec[]> ConsumeAsync(string topic, int count) =>
        CallAsync<Rec[]>("consume", new { topic, count, group = "reader-" + Guid.NewGuid().ToString("N") });

    public Task JoinAsync(string group, string topic, string member, TimeSpan session) =>
        CallAsync("join", new { group, topic, member, session = (int)session.TotalMilliseconds });

    public Task<MemberView> ViewAsync(string member) => CallAsync<MemberView>("view", new { member });

    public Task LeaveAsync(string member) => CallAsync("leave", new { member });

    public Task CreateTopicAsync(string topic, int partitions, IReadOnlyDictionary<string, string> configs) =>
        CallAsync("createTopic", new { topic, partitions, configs });

    public Task DeleteTopicAsync(string topic) => CallAsync("deleteTopic", new { topic });

    public Task<string[]> TopicsAsync() => CallAsync<string[]>("topics", new { });

    public Task<int> PartitionsAsync(string topic) => CallAsync<int>("partitions", new { topic });

    public Task<string> TopicConfigAsync(string topic, string name) => CallAsync<string>("topicConfig", new { topic, name });

    public Task<OffsetsView> OffsetsAsync(string topic, long timestamp) => CallAsync<OffsetsView>("offsets", new { topic, timestamp });

    public Task<string[]> GroupsAsync() => CallAsync<string[]>("groups", new { });

    public Task<int> GroupMembersAsync(string group) => CallAsync<int>("groupMembers", new { group });

    public Task<long> CommittedAsync(string group, string topic, int partition) => CallAsync<long>("committed", new { group, topic, partition });

    public Task DeleteGroupAsync(string group) => CallAsync("deleteGroup", new { group });

    /// <summary>Kills the process: its members die without leaving.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;

        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);

        await _ending;
        _process.Dispose();
        _writing.Dispose();
    }

    private async Task<T> CallAsync<T>(string op, object arguments) => (await CallAsync(op, arguments)).Deserialize<T>(Json)!;

    private async Task<JsonElement> CallAsync(string op, object arguments)
    {
        var id = Interlocked.Increment(ref _lastId);
        var call = JsonSerializer.SerializeToNode(arguments, Json)!.AsObject();
        call["id"] = id;
        call["op"] = op;
        var answer = Await(id);
        if (_hasEnded)
            FailWaiting();
        else
            await WriteAsync(call.ToJsonString());

        try
        {
            return await answer.WaitAsync(Pause.Hangs);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{Traits.Client}: no answer to {op} within {Pause.Hangs.TotalSeconds} s. It printed:\n{Complaints()}");
        }
    }

    private async Task WriteAsync(string line)
    {
        await _writing.WaitAsync();
        try
        {
            await _process.StandardInput.WriteLineAsync(line);
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // The process has ended: whoever waits is told with what it printed.
        }
        finally
        {
            _writing.Release();
        }
    }

    private Task<JsonElement> Await(int id) =>
        _waiting.GetOrAdd(id, _ => new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void Received(string? line)
    {
        if (line is null || !line.StartsWith('@'))
        {
            Complained(line);
            return;
        }

        using var parsed = JsonDocument.Parse(line.AsMemory(1));
        var root = parsed.RootElement;
        if (!_waiting.TryRemove(root.GetProperty("id").GetInt32(), out var waiting))
            return;

        if (root.TryGetProperty("error", out var error))
            waiting.TrySetException(new InteropException($"{Traits?.Client}: {error.GetString()}"));
        else
            waiting.TrySetResult(root.GetProperty("result").Clone());
    }

    private void Complained(string? line)
    {
        lock (_complaints)
        {
            if (line is not null && _complaints.Length < 20_000)
                _complaints.AppendLine(line);
        }
    }

    private string Complaints()
    {
        lock (_complaints)
            return _complaints.ToString();
    }

    /// <summary>Waits for the end of the process and of all that it printed: an answer that it gave before is an answer.</summary>
    private async Task EndAsync()
    {
        await _process.WaitForExitAsync();
        _hasEnded = true;
        FailWaiting();
    }

    private void FailWaiting()
    {
        foreach (var (_, waiting) in _waiting)
            waiting.TrySetException(new InteropException($"The agent's process has ended. It printed:\n{Complaints()}"));
    }
}

/// <summary>A client said that something failed.</summary>
public sealed class InteropException(string message) : Exception(message);
