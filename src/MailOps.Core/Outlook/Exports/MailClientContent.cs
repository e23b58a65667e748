namespace MailOps.Outlook.Exports;

/// <summary>One file as it would be written.</summary>
/// <param name="FileName">Its name, fit for every file system.</param>
/// <param name="Content">What is in it.</param>
/// <param name="Warnings">What clients cannot do with it, each with the alternative.</param>
public sealed record MailClientContent(string FileName, byte[] Content, IReadOnlyList<string> Warnings);
