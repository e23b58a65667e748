namespace MailOps.Core.Tests;

/// <summary>Tests that nothing may run beside, because what they measure is counted for the whole process.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
