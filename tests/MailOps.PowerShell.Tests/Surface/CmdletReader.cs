using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace MailOps.PowerShell.Tests.Surface;

/// <summary>Reads cmdlets and their parameters from an assembly's metadata, without loading it.</summary>
internal sealed class CmdletReader : IDisposable
{
    private readonly PEReader _file;
    private readonly MetadataReader _metadata;

    public CmdletReader(string path)
    {
        _file = new PEReader(File.OpenRead(path));
        _metadata = _file.GetMetadataReader();
    }

    /// <summary>A line for each cmdlet, and for each of its parameters with type and attributes; attribute arguments as their bytes.</summary>
    public IEnumerable<string> Describe()
    {
        foreach (var type in _metadata.TypeDefinitions.Select(_metadata.GetTypeDefinition))
        {
            var cmdlet = Attributes(type.GetCustomAttributes()).FirstOrDefault(a => a.Name == "CmdletAttribute").Value;
            if (cmdlet.IsNil) continue;
            var blob = _metadata.GetBlobReader(cmdlet);
            blob.ReadUInt16();   // the prolog of an attribute's value
            var name = $"{blob.ReadSerializedString()}-{blob.ReadSerializedString()}";
            yield return $"{name} {Convert.ToHexString(_metadata.GetBlobBytes(cmdlet))}";
            foreach (var line in Parameters(type)) yield return $"{name} {line}";
        }
    }

    public void Dispose() => _file.Dispose();

    private IEnumerable<string> Parameters(TypeDefinition type)
    {
        foreach (var property in type.GetProperties().Select(_metadata.GetPropertyDefinition))
        {
            var attributes = Attributes(property.GetCustomAttributes()).ToArray();
            if (attributes.All(a => a.Name != "ParameterAttribute")) continue;
            var shown = attributes.Where(a => !a.Name.StartsWith("Nullable", StringComparison.Ordinal))
                .Select(a => a.Name is "ParameterAttribute" or "AliasAttribute" ? $"{a.Name} {Convert.ToHexString(_metadata.GetBlobBytes(a.Value))}" : a.Name);
            yield return $"-{_metadata.GetString(property.Name)} {property.DecodeSignature(new TypeNames(), null).ReturnType} {string.Join(' ', shown.Order(StringComparer.Ordinal))}";
        }
        if (type.BaseType is { IsNil: false, Kind: HandleKind.TypeDefinition })
        {
            foreach (var line in Parameters(_metadata.GetTypeDefinition((TypeDefinitionHandle)type.BaseType))) yield return line;
        }
    }

    private IEnumerable<(string Name, BlobHandle Value)> Attributes(CustomAttributeHandleCollection handles) =>
        handles.Select(_metadata.GetCustomAttribute).Select(a => (TypeName(a.Constructor), a.Value));

    private string TypeName(EntityHandle constructor) => constructor.Kind == HandleKind.MethodDefinition
        ? _metadata.GetString(_metadata.GetTypeDefinition(_metadata.GetMethodDefinition((MethodDefinitionHandle)constructor).GetDeclaringType()).Name)
        : _metadata.GetString(_metadata.GetTypeReference((TypeReferenceHandle)_metadata.GetMemberReference((MemberReferenceHandle)constructor).Parent).Name);

    /// <summary>Types by their full name, wherever they are defined.</summary>
    private sealed class TypeNames : ISignatureTypeProvider<string, object?>
    {
        public string GetArrayType(string elementType, ArrayShape shape) => elementType + "[,]";

        public string GetByReferenceType(string elementType) => elementType + "&";

        public string GetFunctionPointerType(MethodSignature<string> signature) => "*()";

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => $"{genericType}<{string.Join(", ", typeArguments)}>";

        public string GetGenericMethodParameter(object? genericContext, int index) => "!!" + index;

        public string GetGenericTypeParameter(object? genericContext, int index) => "!" + index;

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetPinnedType(string elementType) => elementType;

        public string GetPointerType(string elementType) => elementType + "*";

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => "System." + typeCode;

        public string GetSZArrayType(string elementType) => elementType + "[]";

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
            reader.GetString(reader.GetTypeDefinition(handle).Namespace) + "." + reader.GetString(reader.GetTypeDefinition(handle).Name);

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
            reader.GetString(reader.GetTypeReference(handle).Namespace) + "." + reader.GetString(reader.GetTypeReference(handle).Name);

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);
    }
}
