// A key or a value as bytes, which may be null; borrowed from where it was read.
global using Slice = System.Nullable<System.ReadOnlyMemory<byte>>;
