using System.Management.Automation;

namespace MailOps.PowerShell;

/// <summary>The one place where an error of the library becomes an error record: id, category, recommended action.</summary>
internal static class ErrorRecords
{
    private static readonly Dictionary<string, ErrorCategory> Categories = new(StringComparer.Ordinal)
    {
        [ErrorCode.SmtpConnectFailed] = ErrorCategory.ConnectionError,
        [ErrorCode.SmtpTimeout] = ErrorCategory.OperationTimeout,
        [ErrorCode.SmtpProtocolError] = ErrorCategory.ProtocolError,
        [ErrorCode.SmtpRejected] = ErrorCategory.InvalidOperation,
        [ErrorCode.SmtpRecipientRefused] = ErrorCategory.InvalidOperation,
        [ErrorCode.SmtpAuthFailed] = ErrorCategory.AuthenticationError,
        [ErrorCode.OAuthTokenFailed] = ErrorCategory.AuthenticationError,
        [ErrorCode.AuthenticationInvalid] = ErrorCategory.InvalidArgument,
        [ErrorCode.TlsRequired] = ErrorCategory.SecurityError,
        [ErrorCode.TlsFailed] = ErrorCategory.SecurityError,
        [ErrorCode.CertificateInvalid] = ErrorCategory.SecurityError,
        [ErrorCode.SmtpOutcomeUnknown] = ErrorCategory.ConnectionError,
        [ErrorCode.SendLogInvalid] = ErrorCategory.InvalidArgument,
        [ErrorCode.TemplateColumnMissing] = ErrorCategory.InvalidData,
        [ErrorCode.SigningFailed] = ErrorCategory.SecurityError,
        [ErrorCode.ProxyFailed] = ErrorCategory.ConnectionError,
        [ErrorCode.InvalidAddress] = ErrorCategory.InvalidArgument,
        [ErrorCode.InvalidMessage] = ErrorCategory.InvalidArgument,
        [ErrorCode.SmtpServerMissing] = ErrorCategory.InvalidArgument,
        [ErrorCode.FileUnreadable] = ErrorCategory.OpenError,
        [ErrorCode.InvalidDomain] = ErrorCategory.InvalidArgument,
        [ErrorCode.DnsNoSuchDomain] = ErrorCategory.ObjectNotFound,
        [ErrorCode.DnsNoMailExchanger] = ErrorCategory.ObjectNotFound,
        [ErrorCode.DnsFailed] = ErrorCategory.ResourceUnavailable,
        [ErrorCode.RelayNeedsPowerShell7] = ErrorCategory.NotImplemented,
        [ErrorCode.RelayNotFound] = ErrorCategory.ObjectNotFound,
        [ErrorCode.RelayExists] = ErrorCategory.ResourceExists,
        [ErrorCode.RelayNameNeeded] = ErrorCategory.InvalidArgument,
        [ErrorCode.RelayConfigurationInvalid] = ErrorCategory.InvalidArgument,
        [ErrorCode.RelayListenFailed] = ErrorCategory.ResourceUnavailable,
        [ErrorCode.RelayQueueUnusable] = ErrorCategory.ResourceUnavailable,
        [ErrorCode.RelayNotEmpty] = ErrorCategory.OperationTimeout,
        [ErrorCode.RelayMessageNotFound] = ErrorCategory.ObjectNotFound,
        [ErrorCode.RelayQueueNotFound] = ErrorCategory.ObjectNotFound,
        [ErrorCode.FilterInvalid] = ErrorCategory.InvalidArgument,
        [ErrorCode.RelayTargetInvalid] = ErrorCategory.InvalidArgument,
        [ErrorCode.RelayMessageUnchanged] = ErrorCategory.WriteError,
        [ErrorCode.FileUnwritable] = ErrorCategory.WriteError,
        [ErrorCode.FileExists] = ErrorCategory.ResourceExists,
        [ErrorCode.RelayUserFileUnusable] = ErrorCategory.OpenError,
        [ErrorCode.RelayUserExists] = ErrorCategory.ResourceExists,
        [ErrorCode.RelayUserNotFound] = ErrorCategory.ObjectNotFound,
        [ErrorCode.RelayUserInvalid] = ErrorCategory.InvalidArgument,
        [ErrorCode.RelayBlockNotFound] = ErrorCategory.ObjectNotFound,
        [ErrorCode.RelayListenerNotFound] = ErrorCategory.ObjectNotFound,
        [ErrorCode.RelayProtocolLogInvalid] = ErrorCategory.InvalidArgument,
        [ErrorCode.RelayProtocolLogNotFound] = ErrorCategory.ObjectNotFound,
        [ErrorCode.RelayTokenFailed] = ErrorCategory.AuthenticationError,
        [ErrorCode.NotDeliveryReport] = ErrorCategory.InvalidData,
        [ErrorCode.MailProviderNotFound] = ErrorCategory.ObjectNotFound,
        [ErrorCode.MailSettingsNotFound] = ErrorCategory.ObjectNotFound,
        [ErrorCode.MailboxConnectFailed] = ErrorCategory.ConnectionError,
        [ErrorCode.MailboxTimeout] = ErrorCategory.OperationTimeout,
        [ErrorCode.MailboxProtocolError] = ErrorCategory.ProtocolError,
        [ErrorCode.MailboxAuthFailed] = ErrorCategory.AuthenticationError,
        [ErrorCode.MailboxRefused] = ErrorCategory.InvalidOperation,
        [ErrorCode.MailboxFolderNotFound] = ErrorCategory.ObjectNotFound,
        [ErrorCode.MailboxMessageNotFound] = ErrorCategory.ObjectNotFound,
        [ErrorCode.MailboxTooLarge] = ErrorCategory.LimitsExceeded,
        [ErrorCode.MailboxUnsupported] = ErrorCategory.NotImplemented,
        [ErrorCode.OutlookNeedsWindows] = ErrorCategory.NotImplemented,
        [ErrorCode.OutlookUserUnclear] = ErrorCategory.PermissionDenied,
        [ErrorCode.OutlookUserNotFound] = ErrorCategory.ObjectNotFound,
        [ErrorCode.OutlookRegistryUnreadable] = ErrorCategory.ReadError,
        [ErrorCode.OutlookSettingsInvalid] = ErrorCategory.InvalidArgument,
        [ErrorCode.MailClientSettingsInvalid] = ErrorCategory.InvalidArgument,
        [ErrorCode.MailClientFormatUnfit] = ErrorCategory.InvalidOperation,
        [ErrorCode.PrfInvalid] = ErrorCategory.InvalidData,
        [ErrorCode.PrfStaged] = ErrorCategory.ResourceExists,
        [ErrorCode.OutlookRunning] = ErrorCategory.ResourceBusy,
        [ErrorCode.OutlookWriteFailed] = ErrorCategory.WriteError,
    };

    /// <summary>The record for an error; a code without a category is NotSpecified, which a test forbids.</summary>
    public static ErrorRecord From(MailOpsException error, object? target) =>
        new(error, error.Code, Categories.TryGetValue(error.Code, out var category) ? category : ErrorCategory.NotSpecified, target)
        {
            ErrorDetails = new ErrorDetails(error.Message) { RecommendedAction = error.Hint },
        };
}
