# The relay's engine exists for PowerShell 7.6; in Windows PowerShell its cmdlets must say so.
BeforeDiscovery {
    $engine = $PSVersionTable.PSEdition -eq 'Core'
    $examples = @(Get-ChildItem -Path (Join-Path $PSScriptRoot '../../examples') -Filter *.ps1 | ForEach-Object { @{ Name = $_.Name; Path = $_.FullName } })
}

BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../out/MailOps') -Force -ErrorAction Stop
}

Describe 'The relay cmdlets in Windows PowerShell' -Skip:$engine {
    It 'say that they need PowerShell 7' {
        { Start-SmtpRelay -QueuePath $TestDrive -Confirm:$false } | Should -Throw -ErrorId 'RelayNeedsPowerShell7,*'
    }
}

Describe 'Send-SmtpMessage to a relay on loopback' -Skip:(-not $engine) {
    BeforeAll {
        $mail = Join-Path $TestDrive 'mail'
        $relay = Start-SmtpRelay -Name pester -ListenOn 127.0.0.1:0 -QueuePath (Join-Path $TestDrive 'queue') -LocalDomain example.test -MailboxPath $mail
        $server = @{ SmtpServer = '127.0.0.1'; Port = $relay.Port; From = 'pester@example.test' }

        function Wait-Mail {
            param([string] $Mailbox, [int] $Count = 1)
            $folder = [System.IO.Path]::Combine($mail, 'example.test', $Mailbox, 'new')
            for ($try = 0; $try -lt 150; $try++) {
                $files = @(Get-ChildItem -Path $folder -File -ErrorAction SilentlyContinue)
                if ($files.Count -ge $Count) { return $files }
                Start-Sleep -Milliseconds 200
            }
            throw "Only $($files.Count) of $Count messages came to $folder."
        }
    }

    AfterAll {
        if (Get-SmtpRelay -Name pester -ErrorAction SilentlyContinue) { Stop-SmtpRelay -Name pester -Confirm:$false }
    }

    It 'delivers a message with an attachment' {
        $attachment = Join-Path $TestDrive 'report.csv'
        'a,b' | Set-Content -Path $attachment
        Send-SmtpMessage @server -To one@example.test -Subject 'A report' -Body 'See attached.' -Attachments $attachment
        $text = Wait-Mail one | Get-Content -Raw
        $text | Should -Match 'Subject: A report'
        $text | Should -Match 'report\.csv'
    }

    It 'takes a CSV row as a message' {
        "To,Subject,Body`ntwo@example.test,First,1`ntwo@example.test,Second,2" | ConvertFrom-Csv | Send-SmtpMessage @server
        (Wait-Mail two -Count 2).Count | Should -Be 2
    }

    It 'gives a result with an outcome for each recipient with -PassThru' {
        $result = Send-SmtpMessage @server -To three@example.test, four@example.test -Subject Both -Body x -PassThru
        @($result).Count | Should -Be 1
        $result.Status | Should -Be 'Delivered'
        $result.Recipients.Recipient | Sort-Object | Should -Be 'four@example.test', 'three@example.test'
        $result.Recipients.Status | Sort-Object -Unique | Should -Be 'Delivered'
    }

    It 'fills templates, records results and goes on after an interruption' {
        $log = Join-Path $TestDrive 'sent.jsonl'
        $rows = 1..3 | ForEach-Object { [pscustomobject]@{ To = "bulk$_@example.test"; Name = "Name $_" } }
        $rows[0..1] | Send-SmtpMessage @server -Subject 'Dear {{Name}}' -Text 'Hello {{Name}}' -LogPath $log
        $rows | Send-SmtpMessage @server -Subject 'Dear {{Name}}' -Text 'Hello {{Name}}' -LogPath $log -SkipSent
        (Get-Content $log | ConvertFrom-Json).recipient | Sort-Object | Should -Be 'bulk1@example.test', 'bulk2@example.test', 'bulk3@example.test'
        Get-Content $log | ConvertFrom-Json | Group-Object recipient, message | ForEach-Object { $_.Group[-1] } | Where-Object status -ne Delivered | Should -BeNullOrEmpty
        Wait-Mail bulk3 | Get-Content -Raw | Should -Match 'Dear Name 3'
    }

    It 'shows with -WhatIf what would go where' {
        $shown = Send-SmtpMessage @server -To no@example.test -Subject Never -Body x -WhatIf -PassThru
        $shown | Should -BeNullOrEmpty
    }

    It 'signs for the domain' {
        $key = Join-Path $TestDrive 'dkim.pem'
        $null = New-DkimKey -Domain example.test -Selector s1 -Path $key
        Send-SmtpMessage @server -To signed@example.test -Subject Signed -Body x -DkimKeyPath $key -DkimSelector s1 -TranscriptPath (Join-Path $TestDrive 'transcript.txt')
        Wait-Mail signed | Get-Content -Raw | Should -Match 'DKIM-Signature: v=1; a=rsa-sha256; d=example.test; s=s1'
        Get-Content (Join-Path $TestDrive 'transcript.txt') -Raw | Should -Match 'C: MAIL FROM'
    }

    It 'runs scripts written for Send-MailMessage' {
        Set-Alias -Name Send-MailMessage -Value Send-SmtpMessage -Scope Local
        $PSEmailServer = '127.0.0.1'
        Send-MailMessage five@example.test 'Old script' 'Positional' -From pester@example.test -Port $relay.Port -Priority High
        Wait-Mail five | Get-Content -Raw | Should -Match 'Old script'
    }

    It 'reports a port where nobody listens, with what to do' {
        $problem = $null
        Send-SmtpMessage -To a@example.test -From b@example.test -Subject x -SmtpServer 127.0.0.1 -Port 9 -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'SmtpConnectFailed,*'
        $problem[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'names the key that -OAuth lacks' {
        $problem = $null
        Send-SmtpMessage -To a@example.test -From b@example.test -Subject x -SmtpServer 127.0.0.1 -Port 9 -UserName b@example.test -OAuth @{ Grant = 'ClientCredentials' } -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'AuthenticationInvalid,*'
        $problem[0].Exception.Message | Should -BeLike '*ClientId*'
    }

    It 'does nothing with -WhatIf' {
        Send-SmtpMessage @server -To six@example.test -Subject x -Body x -WhatIf
        Join-Path $mail 'example.test/six' | Should -Not -Exist
    }

    It 'is seen in the tracking log and as a table' {
        Get-SmtpRelayTrackingLog -Name pester | Where-Object EventId -EQ 'DELIVER' | Should -Not -BeNullOrEmpty
        Get-SmtpRelay -Name pester | Format-Table | Out-String -Width 120 | Should -Match 'Running'
    }
}

Describe 'The queue of a relay whose next hop is down' -Skip:(-not $engine) {
    BeforeAll {
        $held = Start-SmtpRelay -Name pesterqueue -ListenOn 127.0.0.1:0 -QueuePath (Join-Path $TestDrive 'held') -SmartHost 127.0.0.1:1
        1..3 | ForEach-Object { Send-SmtpMessage -SmtpServer 127.0.0.1 -Port $held.Port -Tls None -From "u$_@example.test" -To 'x@elsewhere.test' -Subject "Mail $_" -Body x }
    }

    AfterAll {
        if (Get-SmtpRelay -Name pesterqueue -ErrorAction SilentlyContinue) { Stop-SmtpRelay -Name pesterqueue -Confirm:$false }
    }

    It 'is suspended and resumed through the pipeline' {
        Get-SmtpRelayMessage -Name pesterqueue | Suspend-SmtpRelayMessage
        (Get-SmtpRelayMessage -Name pesterqueue -Filter "Status -like '*Suspend*'").Count | Should -Be 3
        Get-SmtpRelayMessage -Name pesterqueue | Resume-SmtpRelayMessage
        Get-SmtpRelayMessage -Name pesterqueue -Filter "Status -like '*Suspend*'" | Should -BeNullOrEmpty
    }

    It 'takes the word of Exchange' {
        Retry-SmtpRelayQueue -Filter 'MessageCount -gt 0' -Name pesterqueue
        Get-SmtpRelayTrackingLog -Name pesterqueue -EventId RETRY | Should -Not -BeNullOrEmpty
    }

    It 'gives messages as files and lets them be removed' {
        $folder = Join-Path $TestDrive 'exported/'
        (Export-SmtpRelayMessage -Filter "FromAddress -eq 'u1@example.test'" -Name pesterqueue -Path $folder | Get-Content -Raw) | Should -Match 'Subject: Mail 1'
        Remove-SmtpRelayMessage -Filter 'Size -gt 0' -Name pesterqueue -WithNDR $false -Confirm:$false
        { Wait-SmtpRelay -Name pesterqueue -Timeout 60 -ErrorAction Stop } | Should -Not -Throw
    }
}

Describe 'What the sessions of a relay say' -Skip:(-not $engine) {
    BeforeAll {
        $logged = Start-SmtpRelay -Name pesterlog -ListenOn 127.0.0.1:0 -QueuePath (Join-Path $TestDrive 'logged') -LocalDomain example.test -MailboxPath (Join-Path $TestDrive 'loggedmail')
    }

    AfterAll {
        if (Get-SmtpRelay -Name pesterlog -ErrorAction SilentlyContinue) { Stop-SmtpRelay -Name pesterlog -Confirm:$false }
    }

    It 'is written down while somebody asks for it' {
        $log = Enable-SmtpRelayProtocolLog -Name pesterlog -Listener "*:$($logged.Port)" -Duration 00:05:00
        $log.ExpirationTime | Should -BeGreaterThan ([System.DateTimeOffset]::Now)
        Send-SmtpMessage -SmtpServer 127.0.0.1 -Port $logged.Port -Tls None -From a@example.test -To b@example.test -Subject 'not in it' -Body x
        for ($try = 0; $try -lt 50 -and (Get-SmtpRelayProtocolLog -Name pesterlog).LineCount -eq 0; $try++) { Start-Sleep -Milliseconds 200 }
        Disable-SmtpRelayProtocolLog -Name pesterlog
        Get-SmtpRelayProtocolLog -Name pesterlog | Should -BeNullOrEmpty
        Stop-SmtpRelay -Name pesterlog -Confirm:$false
        $text = Get-ChildItem -Path $log.Path -Filter *.log | Get-Content -Raw
        $text | Should -Match 'RCPT TO:<b@example\.test>'
        $text | Should -Not -Match 'not in it'
    }
}

Describe 'The users of a relay' -Skip:(-not $engine) {
    BeforeAll {
        $file = Join-Path $TestDrive 'users.json'
        $password = [securestring]::new()
        'pencil'.ToCharArray() | ForEach-Object { $password.AppendChar($_) }
        $ada = [pscredential]::new('ada', $password)
    }

    It 'are made, shown, changed and removed' {
        (New-SmtpRelayUser -Path $file -Credential $ada -Sender ada@example.test).Name | Should -BeExactly 'ada'
        Get-Content -Path $file -Raw | Should -Not -Match 'pencil'
        Get-SmtpRelayUser -Path $file | Set-SmtpRelayUser -Enabled $false
        (Get-SmtpRelayUser -Path $file -Name ada).Enabled | Should -BeFalse
        Get-SmtpRelayUser -Path $file | Remove-SmtpRelayUser -Confirm:$false
        Get-SmtpRelayUser -Path $file | Should -BeNullOrEmpty
    }

    It 'are not made twice' {
        New-SmtpRelayUser -Path $file -Credential $ada | Out-Null
        { New-SmtpRelayUser -Path $file -Credential $ada -ErrorAction Stop } | Should -Throw -ErrorId 'RelayUserExists,*'
    }

    It 'are for a relay that blocks nobody before anybody guessed' {
        Start-SmtpRelay -Name pesterusers -ListenOn 127.0.0.1:0 -QueuePath (Join-Path $TestDrive 'userqueue') -UserFile $file | Out-Null
        try {
            Get-SmtpRelayIPBlockListEntry -Name pesterusers | Should -BeNullOrEmpty
            { Remove-SmtpRelayIPBlockListEntry -Identity 192.0.2.7 -ErrorAction Stop } | Should -Throw -ErrorId 'RelayBlockNotFound,*'
        }
        finally {
            Stop-SmtpRelay -Name pesterusers -Confirm:$false
        }
    }
}

Describe 'The examples' -Skip:(-not $engine) {
    It '<Name> runs to its end' -ForEach $examples {
        $import = Join-Path $PSScriptRoot '../../out/MailOps'
        $shell = (Get-Process -Id $PID).Path
        $output = & $shell -NoProfile -NonInteractive -Command "`$ErrorActionPreference = 'Stop'; Import-Module '$import'; & '$Path'" 2>&1
        $LASTEXITCODE | Should -Be 0 -Because ($output | Out-String)
    }
}

Describe 'ConvertFrom-DeliveryStatus' {
    BeforeAll {
        $bounce = Join-Path $TestDrive 'bounce.eml'
        @(
            'From: MAILER-DAEMON@mx.example.test', 'Subject: Undelivered Mail Returned to Sender', 'MIME-Version: 1.0'
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', '', '--b', '', 'It could not be delivered.', '', '--b', 'Content-Type: message/delivery-status', ''
            'Reporting-MTA: dns; mx.example.test', '', 'Final-Recipient: rfc822; one@example.test', 'Action: failed', 'Status: 5.2.2', 'Diagnostic-Code: smtp; 552 5.2.2 Over quota', '', '--b--'
        ) | Set-Content -Path $bounce
    }

    It 'reads a file from the pipeline' {
        $found = Get-Item -Path $bounce | ConvertFrom-DeliveryStatus
        $found.Recipient | Should -Be 'one@example.test'
        $found.Action | Should -Be 'Failed'
        $found.Status | Should -Be '5.2.2'
        $found.Class | Should -Be 'MailboxFull'
    }

    It 'reads a string and lines' {
        (Get-Content -Path $bounce -Raw | ConvertFrom-DeliveryStatus).Class | Should -Be 'MailboxFull'
        (Get-Content -Path $bounce | ConvertFrom-DeliveryStatus).Class | Should -Be 'MailboxFull'
    }

    It 'says what is no report' {
        { 'Hello' | ConvertFrom-DeliveryStatus -ErrorAction Stop } | Should -Throw -ErrorId 'NotDeliveryReport,*'
    }
}

Describe 'Test-SpfSender' {
    It 'asks about no name that cannot have a record' {
        $check = Test-SpfSender -IPAddress 192.0.2.1 -Sender someone@localhost
        $check.Result | Should -Be 'None'
        $check.ReceivedSpf | Should -Match '^none \('
    }

    It 'needs a sender or a HELO name' {
        { Test-SpfSender -IPAddress 192.0.2.1 -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidAddress,*'
    }
}

Describe 'Test-MessageAuthenticity' {
    It 'takes a message with two authors for forged, without asking anyone' {
        $text = @('From: a@example.com', 'From: b@example.net', 'Subject: Hello', '', 'Hello') -join "`r`n"
        $found = $text | Test-MessageAuthenticity
        $found.Verdict | Should -Be 'Failed'
        $found.Dmarc.Result | Should -Be 'PermError'
        $found.Arc.Result | Should -Be 'None'
        $found.Findings[0].Message | Should -Match '2 From fields'
    }

    It 'says what is no message' {
        { 'Hello' | Test-MessageAuthenticity -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidMessage,*'
    }
}

Describe 'ConvertFrom-MailHeader' {
    It 'reads the way of a message' {
        $text = @('Received: from a.test by b.test with ESMTPS; Thu, 5 Mar 2026 10:00:07 +0000', 'Received: from pc by a.test; Thu, 5 Mar 2026 10:00:00 +0000', 'Subject: Hello', '') -join "`r`n"
        $header = $text | ConvertFrom-MailHeader
        $header.Subject | Should -Be 'Hello'
        $header.Hops.By | Should -Be @('a.test', 'b.test')
        $header.Hops[1].Delay | Should -Be ([timespan]'00:00:07')
    }

    It 'says what is no header' {
        { 'Hello' | ConvertFrom-MailHeader -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidMessage,*'
    }
}

Describe 'New-DkimKey' {
    It 'writes a private key and tells what to publish' {
        $path = Join-Path $TestDrive 'key.pem'
        $key = New-DkimKey example.com -Selector s1 -KeyType Ed25519 -Path $path
        $key.RecordName | Should -Be 's1._domainkey.example.com'
        $key.Record | Should -Match '^v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}=$'
        Get-Content $path -TotalCount 1 | Should -Be '-----BEGIN PRIVATE KEY-----'
    }

    It 'overwrites nothing without -Force' {
        $path = Join-Path $TestDrive 'kept.pem'
        Set-Content $path 'kept'
        { New-DkimKey example.com -KeyType Ed25519 -Path $path -ErrorAction Stop } | Should -Throw -ErrorId 'FileExists,*'
        Get-Content $path | Should -Be 'kept'
    }
}

Describe 'Save-, Move- and Remove-MailboxMessage' {
    It 'only say what they would do with -WhatIf' {
        $credential = [pscredential]::new('user', [System.Net.NetworkCredential]::new('', 'secret').SecurePassword)
        $mailbox = @{ Server = 'imap.example.test'; Credential = $credential; Id = '7-1'; WhatIf = $true; ErrorAction = 'Stop' }
        Save-MailboxMessage @mailbox -Path $TestDrive | Should -BeNullOrEmpty
        Move-MailboxMessage @mailbox -Destination Done | Should -BeNullOrEmpty
        Remove-MailboxMessage @mailbox | Should -BeNullOrEmpty
    }
}

Describe 'Test-MailFlow' {
    It 'sends nothing with -WhatIf' {
        $credential = [pscredential]::new('user@example.test', [System.Net.NetworkCredential]::new('', 'secret').SecurePassword)
        Test-MailFlow imap.example.test -Credential $credential -SmtpServer smtp.example.test -WhatIf -ErrorAction Stop | Should -BeNullOrEmpty
    }
}

Describe 'Get-MailboxMessage' {
    It 'sends no credential in plain text' {
        $credential = [pscredential]::new('user', [System.Net.NetworkCredential]::new('', 'secret').SecurePassword)
        { Get-MailboxMessage imap.example.test -Credential $credential -Tls None -ErrorAction Stop } | Should -Throw -ErrorId 'TlsRequired,*'
    }
}

Describe 'Get-MailProvider' {
    It 'knows the provider of an address, and its servers' {
        $provider = Get-MailProvider -Address someone@gmail.com
        $provider.Name | Should -Be 'Gmail'
        $provider.Servers.Where({ $_.Protocol -eq 'Imap' }).Server | Should -Be 'imap.gmail.com'
    }

    It 'says which name was meant' {
        { Get-MailProvider Gmial -ErrorAction Stop } | Should -Throw -ErrorId 'MailProviderNotFound,*' -ExpectedMessage '*Gmail*'
    }
}

Describe 'Export-MailClientProfile' {
    It 'writes files for each row of a CSV file, and names a bad one with its row' {
        Set-Content (Join-Path $TestDrive 'staff.csv') 'EmailAddress,DisplayName', 'a@example.test,A', 'nobody,B', 'c@example.test,C'
        $failed = $null
        $files = Import-Csv (Join-Path $TestDrive 'staff.csv') |
            Export-MailClientProfile (Join-Path $TestDrive 'profiles') MobileConfig -Provider Fastmail -WarningAction SilentlyContinue -ErrorAction SilentlyContinue -ErrorVariable failed
        $files.EmailAddress | Should -Be 'a@example.test', 'c@example.test'
        $files.Path | Should -Exist
        @($failed)[0].Exception.Message | Should -BeLike 'Row 2 (nobody):*'
    }
}

Describe 'New-OutlookSmtpProfile' {
    It 'only writes the file with -Path' {
        $path = Join-Path $TestDrive 'a.prf'
        $made = New-OutlookSmtpProfile a@example.test -Pop3Server pop.example.test -SmtpServer smtp.example.test -Path $path
        $made.State | Should -Be 'Written'
        Get-Content $path | Should -Contain 'Account1=I_Mail'
    }
}

Describe 'Test-SmtpServer' {
    It 'says what is wrong with a closed port, and what to do' {
        $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $port = $listener.LocalEndpoint.Port
        $listener.Stop()

        $test = Test-SmtpServer 127.0.0.1 -Port $port -Timeout 10

        $test.StatusCode | Should -Be 'Failure'
        $test.Findings[0].Id | Should -Be 'PortClosed'
        $test.Findings[0].Advice | Should -Not -BeNullOrEmpty
        $test.Steps.Name | Should -Be 'Connect'
    }
}

Describe 'Find-MailSettings' {
    It 'says what is no address' {
        { Find-MailSettings nobody -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidAddress,*'
    }
}

Describe 'Resolve-DmarcRecord' {
    It 'says what is no domain and goes on' {
        $failed = $null
        'not a domain', 'single' | Resolve-DmarcRecord -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        @($failed | ForEach-Object { $_.FullyQualifiedErrorId.Split(',')[0] }) | Should -Be 'InvalidDomain', 'InvalidDomain'
    }
}

Describe 'Resolve-DkimRecord, Resolve-MtaStsPolicy, Resolve-DaneRecord and Resolve-TlsRptRecord' {
    It 'say what is no domain and go on' {
        $failed = $null
        'not a domain', 'single' | Resolve-DkimRecord -Selector s1 -ErrorAction SilentlyContinue -ErrorVariable +failed | Should -BeNullOrEmpty
        'not a domain' | Resolve-MtaStsPolicy -ErrorAction SilentlyContinue -ErrorVariable +failed | Should -BeNullOrEmpty
        'not a domain' | Resolve-DaneRecord -ErrorAction SilentlyContinue -ErrorVariable +failed | Should -BeNullOrEmpty
        'not a domain' | Resolve-TlsRptRecord -ErrorAction SilentlyContinue -ErrorVariable +failed | Should -BeNullOrEmpty
        @($failed | ForEach-Object { $_.FullyQualifiedErrorId.Split(',')[0] }) | Should -Be (@('InvalidDomain') * 5)
    }
}

Describe 'Test-MailDomain' {
    It 'says what is no domain and goes on' {
        $failed = $null
        'not a domain', 'single' | Test-MailDomain -SkipDnsbl -SkipConnection -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        @($failed | ForEach-Object { $_.FullyQualifiedErrorId.Split(',')[0] }) | Should -Be 'InvalidDomain', 'InvalidDomain'
    }
}

Describe 'Resolve-SpfRecord' {
    It 'says what is no domain and goes on' {
        $failed = $null
        'not a domain', 'single' | Resolve-SpfRecord -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        @($failed | ForEach-Object { $_.FullyQualifiedErrorId.Split(',')[0] }) | Should -Be 'InvalidDomain', 'InvalidDomain'
    }
}

Describe 'Get-OutlookSmtpProfile, Set-OutlookSmtpProfile and Restore-OutlookSmtpProfile' {
    It 'say that they need Windows where it is not' -Skip:($PSVersionTable.PSEdition -eq 'Desktop' -or $IsWindows) {
        { Get-OutlookSmtpProfile -ErrorAction Stop } | Should -Throw -ErrorId 'OutlookNeedsWindows,*'
        { Set-OutlookSmtpProfile a@example.test -Port 587 -ErrorAction Stop } | Should -Throw -ErrorId 'OutlookNeedsWindows,*'
        { Restore-OutlookSmtpProfile -Unfinished -ErrorAction Stop } | Should -Throw -ErrorId 'OutlookNeedsWindows,*'
    }
}
