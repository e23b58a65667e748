<#
.SYNOPSIS
    Runs the Pester suite against the built module; the exit code is the number of failed tests.
.DESCRIPTION
    For PowerShell 7.6 and for Windows PowerShell 5.1, with Pester 5.5 to 6. Build first: dotnet build.
#>
[CmdletBinding()]
param()

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module -Name Pester -MinimumVersion 5.5

$configuration = New-PesterConfiguration
$configuration.Run.Path = $PSScriptRoot
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Detailed'
$result = Invoke-Pester -Configuration $configuration

# A container that could not be read is a failure too, and is not among the failed tests.
$failed = $result.FailedCount + $result.FailedContainersCount + $result.FailedBlocksCount
exit [math]::Min($failed, 255)
