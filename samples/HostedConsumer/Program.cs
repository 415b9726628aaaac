using HostedConsumer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansLog.Client;

// A member of the group "greeters": start it twice, and the two share the partitions of "greetings"; Ctrl-C hands them over.
var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddOrleansLogClient(options => options.BootstrapServers = [args.FirstOrDefault() ?? "127.0.0.1:9092"]);
builder.Services.AddOrleansLogConsumer<string, string, Greeter>(options =>
{
    options.Topics = Subscription.To("greetings");
    options.Group.GroupId = "greeters";
    options.Consumer.AutoOffsetReset = AutoOffsetReset.Earliest;
    options.DeadLetterTopic = "greetings-dead";
});
await builder.Build().RunAsync();
