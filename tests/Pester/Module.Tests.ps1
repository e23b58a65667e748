BeforeDiscovery {
    $manifest = Import-PowerShellDataFile -Path (Join-Path $PSScriptRoot '../../out/MailOps/MailOps.psd1')
    $cmdlets = @($manifest.CmdletsToExport | ForEach-Object { @{ Cmdlet = $_ } })
}

BeforeAll {
    $root = Join-Path $PSScriptRoot '../../out/MailOps'
    Import-Module -Name $root -Force -ErrorAction Stop
}

Describe 'The module' {
    It 'has a manifest that the shell accepts' {
        (Test-ModuleManifest -Path (Join-Path $root 'MailOps.psd1')).Version.ToString() | Should -Be (Get-Module MailOps).Version.ToString()
    }

    It 'exports <Cmdlet>' -ForEach $cmdlets {
        (Get-Command -Name $Cmdlet -Module MailOps).CommandType | Should -Be 'Cmdlet'
    }

    It 'exports cmdlets, and the word of Exchange for one that may not be a cmdlet' {
        (Get-Alias -Name Retry-SmtpRelayQueue).Definition | Should -Be 'Restart-SmtpRelayQueue'
        (Get-Module MailOps).ExportedCommands.Values.CommandType | Sort-Object -Unique | Should -Be 'Alias', 'Cmdlet'
    }

    It 'loads its types for literals' {
        [MailOps.TlsMode]::StartTls | Should -Be 'StartTls'
    }

    It 'keeps MailKit to itself' {
        'MimeKit.MimeMessage' -as [type] | Should -BeNullOrEmpty
    }

    It 'can be imported again' {
        Import-Module -Name $root -Force
        (Get-Command -Module MailOps).Count | Should -BeGreaterThan 0
    }

    It 'can be removed and imported' {
        Remove-Module MailOps
        Get-Command -Name Send-SmtpMessage -ErrorAction SilentlyContinue | Where-Object Source -EQ 'MailOps' | Should -BeNullOrEmpty
        Import-Module -Name $root
        (Get-Command -Name Send-SmtpMessage).Source | Should -Be 'MailOps'
    }
}

Describe 'The help' {
    It 'of <Cmdlet> has a synopsis, examples and every parameter' -ForEach $cmdlets {
        $help = Get-Help -Name $Cmdlet -Full
        $help.Synopsis | Should -Match '\.$'
        $help.examples.example.Count | Should -BeGreaterThan 0
        $common = [System.Management.Automation.Cmdlet]::CommonParameters
        $real = (Get-Command -Name $Cmdlet).Parameters.Keys | Where-Object { $_ -notin $common }
        foreach ($name in $real) { $help.parameters.parameter.name | Should -Contain $name }
    }

    It 'has an about topic' {
        Get-Help -Name about_MailOps | Out-String | Should -Match 'durable SMTP relay'
    }
}
