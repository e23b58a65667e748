@{
    RootModule = 'MailOps.psm1'
    ModuleVersion = '0.1.0'
    GUID = '5b5b9d0e-6a83-4c0b-9d0f-6d6f0f3a2c41'
    Author = 'The MailOps maintainers'
    CompanyName = 'The MailOps maintainers'
    Copyright = '(c) 2026 The MailOps maintainers. MIT licence.'
    Description = 'Mail for administrators: send, resolve, set up mail clients, test servers, read bounces and mailboxes, and a durable SMTP relay in the session. Send-SmtpMessage takes the place of Send-MailMessage, Start-SmtpRelay that of IIS SMTP.'
    CompatiblePSEditions = @('Desktop', 'Core')
    PowerShellVersion = '5.1'
    DotNetFrameworkVersion = '4.7.2'
    FormatsToProcess = @('MailOps.Format.ps1xml')
    CmdletsToExport = @(
        'Send-SmtpMessage'
        'Resolve-MailExchanger'
        'Find-MailSettings'
        'Get-MailProvider'
        'Export-MailClientProfile'
        'New-OutlookSmtpProfile'
        'Test-SmtpServer'
        'ConvertFrom-DeliveryStatus'
        'Resolve-SpfRecord'
        'Resolve-DmarcRecord'
        'Resolve-DkimRecord'
        'Resolve-MtaStsPolicy'
        'Resolve-TlsRptRecord'
        'Resolve-DaneRecord'
        'Test-MailDomain'
        'Test-SpfSender'
        'Test-MessageAuthenticity'
        'New-DkimKey'
        'ConvertFrom-MailHeader'
        'Test-MailFlow'
        'Get-MailboxMessage'
        'Save-MailboxMessage'
        'Move-MailboxMessage'
        'Remove-MailboxMessage'
        'Start-SmtpRelay'
        'Stop-SmtpRelay'
        'Get-SmtpRelay'
        'Wait-SmtpRelay'
        'Get-SmtpRelayQueue'
        'Get-SmtpRelayMessage'
        'Get-SmtpRelayTrackingLog'
        'New-SmtpRelayUser'
        'Get-SmtpRelayUser'
        'Set-SmtpRelayUser'
        'Remove-SmtpRelayUser'
        'Get-SmtpRelayIPBlockListEntry'
        'Remove-SmtpRelayIPBlockListEntry'
        'Enable-SmtpRelayProtocolLog'
        'Disable-SmtpRelayProtocolLog'
        'Get-SmtpRelayProtocolLog'
        'Suspend-SmtpRelayQueue'
        'Resume-SmtpRelayQueue'
        'Restart-SmtpRelayQueue'
        'Suspend-SmtpRelayMessage'
        'Resume-SmtpRelayMessage'
        'Remove-SmtpRelayMessage'
        'Export-SmtpRelayMessage'
        'Move-SmtpRelayMessage'
    )
    FunctionsToExport = @()
    AliasesToExport = @('Retry-SmtpRelayQueue')
    VariablesToExport = @()
    PrivateData = @{
        PSData = @{
            Tags = @('Mail', 'Email', 'SMTP', 'Relay', 'MX', 'DSN', 'Bounce', 'SPF', 'DKIM', 'DMARC', 'ARC', 'Exchange', 'Autodiscover', 'Autoconfig', 'mobileconfig', 'Outlook', 'IMAP', 'POP3', 'MailKit', 'Windows', 'Linux', 'MacOS')
            ReleaseNotes = 'See CHANGELOG.md.'
        }
    }
}
