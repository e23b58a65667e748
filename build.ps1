<#
.SYNOPSIS
    Builds, tests, checks and packs MailOps: the door for people in pwsh. Without pwsh: dotnet build, tests/run.sh.
.PARAMETER Task
    Build: lays out the module at out/MailOps. Test: runs every test project, and the Pester suite where Pester is installed.
    Check: fails where the format is not the repository's. Pack: builds in Release and zips the module as out/MailOps-<version>.zip.
.PARAMETER Configuration
    Debug or Release. Default: Debug, except for Pack, which always builds Release.
.EXAMPLE
    ./build.ps1 Build, Test, Check
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Check', 'Pack')]
    [string[]] $Task = @('Build'),

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$module = Join-Path $PSScriptRoot 'out/MailOps'

function Invoke-DotNet {
    Write-Host "dotnet $args" -ForegroundColor Cyan
    & dotnet @args
    if ($LASTEXITCODE -ne 0) { throw "dotnet $($args[0]) failed with exit code $LASTEXITCODE." }
}

function Build { Invoke-DotNet build (Join-Path $PSScriptRoot 'MailOps.sln') --configuration $Configuration }

function Test {
    Push-Location $PSScriptRoot   # dotnet test reads its runner from global.json, in the current folder or above
    try { Invoke-DotNet test --configuration $Configuration }
    finally { Pop-Location }

    if (-not (Get-Module -Name Pester -ListAvailable | Where-Object Version -GE '5.5')) {
        Write-Warning 'Pester 5.5 or later is not installed, so the Pester suite was not run. Install it: Install-PSResource Pester.'
        return
    }
    # In a process of its own: an assembly cannot be unloaded, and the next build must replace it.
    $suite = Join-Path $PSScriptRoot 'tests/Pester/Run.ps1'
    & (Get-Process -Id $PID).Path -NoProfile -File $suite
    if ($LASTEXITCODE -ne 0) { throw "The Pester suite failed with exit code $LASTEXITCODE." }
}

function Check { Invoke-DotNet format (Join-Path $PSScriptRoot 'MailOps.sln') --verify-no-changes }

function Pack {
    Invoke-DotNet build (Join-Path $PSScriptRoot 'MailOps.sln') --configuration Release
    $version = (Import-PowerShellDataFile -Path (Join-Path $module 'MailOps.psd1')).ModuleVersion
    $package = Join-Path $PSScriptRoot "out/MailOps-$version.zip"
    # The folder itself is in the archive: Azure Automation wants file, folder and module to have one name.
    Compress-Archive -Path $module -DestinationPath $package -Force
    Get-Item -Path $package
}

foreach ($name in $Task) { & $name }
