# Only strings and engine commands, so that it runs in every host and in ConstrainedLanguage.
$build = if ($PSVersionTable.PSEdition -ne 'Core') { 'net472' }
         elseif ($PSVersionTable.PSVersion -ge '7.6') { 'net10.0' }
         else { throw "MailOps needs Windows PowerShell 5.1, or PowerShell 7.6 or later; this is $($PSVersionTable.PSVersion)." }
Microsoft.PowerShell.Core\Import-Module -Name "$PSScriptRoot/bin/$build/MailOps.PowerShell.dll" -ErrorAction Stop
