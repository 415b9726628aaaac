namespace System.Runtime.CompilerServices;

/// <summary>What the compiler wants for records and init, which netstandard2.0 lacks.</summary>
internal static class IsExternalInit;
