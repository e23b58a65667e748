// The relays of Start-SmtpRelay and the loaded assemblies belong to the process, so tests take turns.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
