using System.Globalization;

namespace OrleansLog.Protocol.Messages;

/// <summary>What is declared of an API: its name, its versions, and the header versions that go with them.</summary>
public static partial class ApiCatalog
{
    /// <summary>Whether the API is declared here.</summary>
    public static bool IsDeclared(ApiKey key) => DeclaredName(key) is not null;

    /// <summary>The API's name, its number if it is not declared.</summary>
    public static string NameOf(ApiKey key) => DeclaredName(key) ?? ((short)key).ToString(CultureInfo.InvariantCulture);

    /// <summary>The lowest declared version of the request, -1 if the API is not declared.</summary>
    public static short LowestVersion(ApiKey key) => DeclaredLowest(key);

    /// <summary>The highest declared version of the request, -1 if the API is not declared.</summary>
    public static short HighestVersion(ApiKey key) => DeclaredHighest(key);

    /// <summary>The version of the request header: 2 where the request is flexible, else 1 (KIP-482).</summary>
    /// <remarks>
    /// Version 2 is version 1 with tagged fields behind it, so that key, version, correlation id and client id of any request
    /// can be read as version 1 first.
    /// </remarks>
    public static short RequestHeaderVersion(ApiKey key, short version) => (short)(version >= DeclaredFlexibleFrom(key) ? 2 : 1);

    /// <summary>
    /// The version of the response header: 1 where the response is flexible, else 0; always 0 for ApiVersions, whose client does
    /// not yet know what the broker speaks (KIP-511).
    /// </summary>
    public static short ResponseHeaderVersion(ApiKey key, short version) =>
        (short)(key != ApiKey.ApiVersions && version >= DeclaredFlexibleFrom(key) ? 1 : 0);
}
