using OrleansLog.Client;

namespace Embedded;

/// <summary>Somebody's shopping cart.</summary>
[Alias("Embedded.ICartGrain")]
public interface ICartGrain : IGrainWithStringKey
{
    /// <summary>Adds to the cart; how many there are now.</summary>
    [Alias("Add")]
    Task<int> AddAsync(string item, int count);
}

/// <summary>What is in a cart.</summary>
[GenerateSerializer, Alias("Embedded.Cart")]
public sealed class Cart
{
    /// <summary>Item and number.</summary>
    [Id(0)]
    public Dictionary<string, int> Items { get; set; } = [];
}

/// <summary>Keeps its state in the app's own storage and writes an event for each change into the log.</summary>
internal sealed class CartGrain(
    [PersistentState("cart", CartFiles.Name)] IPersistentState<Cart> cart, ILogProducer<string, string> events) : Grain, ICartGrain
{
    public const string Topic = "cart-changes";

    public async Task<int> AddAsync(string item, int count)
    {
        var total = cart.State.Items.GetValueOrDefault(item) + count;
        cart.State.Items[item] = total;
        await cart.WriteStateAsync();
        await events.ProduceAsync(Topic, this.GetPrimaryKeyString(), $"{item} {count:+0;-0}");
        return total;
    }
}
