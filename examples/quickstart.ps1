<#
.SYNOPSIS
    Starts a relay, sends a message through it, and shows where the message went.
.DESCRIPTION
    Everything stays on this machine: the relay listens on a free loopback port, its queue and the mailboxes lie in a temporary folder that is
    removed at the end. Runs in pwsh 7.6 after Import-Module ./out/MailOps, and in the host: dotnet run --project src/MailOps.Host -- run examples/quickstart.ps1
#>
$ErrorActionPreference = 'Stop'

$folder = [IO.Directory]::CreateTempSubdirectory('mailops-').FullName
$password = [securestring]::new()
[guid]::NewGuid().ToString().ToCharArray() | ForEach-Object { $password.AppendChar($_) }
$credential = [pscredential]::new('app', $password)
$attachment = [IO.Path]::Combine($folder, 'figures.csv')
[IO.File]::WriteAllText($attachment, "month,mails`n2026-10,1204`n2026-11,1377`n")

# Out-Host shows each result as its own table; in one stream PowerShell would show all but the first as lists.
try {
    'A relay with STARTTLS and AUTH on a free loopback port, a durable queue, and a domain whose mailboxes are Maildirs:' | Out-Host
    $relay = Start-SmtpRelay -ListenOn 127.0.0.1:0 -QueuePath "$folder/queue" -LocalDomain example.test -MailboxPath "$folder/mail" -Credential $credential
    $relay | Out-Host

    'A message with an attachment, sent to it over TLS as an authenticated user:' | Out-Host
    $message = @{
        SmtpServer  = '127.0.0.1'
        Port        = $relay.Port
        Tls         = 'StartTls'
        Credential  = $credential
        From        = 'Reports <reports@example.test>'
        To          = 'Ada <ada@example.test>', 'Grace <grace@example.test>'
        Subject     = 'Figures for November'
        Body        = 'The figures are attached.'
        Attachments = $attachment
    }
    # The relay signed its certificate itself just now; on loopback that is nobody else's.
    Send-SmtpMessage @message -SkipCertificateValidation -PassThru | Out-Host

    Wait-SmtpRelay -Timeout 30

    'What the relay did:' | Out-Host
    Get-SmtpRelayTrackingLog | Out-Host

    'Where the message lies:' | Out-Host
    [IO.Directory]::EnumerateFiles("$folder/mail", '*', 'AllDirectories') | ForEach-Object {
        [pscustomobject]@{ Bytes = [IO.FileInfo]::new($_).Length; Mailbox = [IO.Path]::GetRelativePath($folder, $_) }
    } | Out-Host
}
finally {
    Stop-SmtpRelay * -Timeout 5
    [IO.Directory]::Delete($folder, $true)
}
