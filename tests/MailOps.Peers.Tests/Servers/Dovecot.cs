using System.Globalization;
using MailOps.Peers.Tests.Running;

namespace MailOps.Peers.Tests.Servers;

/// <summary>A Dovecot of the test's own: LMTP over TCP and a Unix socket into Maildirs, SASL for Postfix, and with a certificate IMAP and POP3.</summary>
internal sealed class Dovecot : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private Dovecot(ChildProcess process, TestFolder folder)
    {
        _process = process;
        Socket = folder.At("dovecot/run/lmtp");
        MailFolder = folder.At("mail");
    }

    /// <summary>The TCP port of LMTP.</summary>
    public int LmtpPort { get; private init; }

    /// <summary>The Unix socket of LMTP.</summary>
    public string Socket { get; }

    /// <summary>The TCP port that Postfix asks about passwords.</summary>
    public int AuthPort { get; private init; }

    /// <summary>The TCP port of IMAP, with STARTTLS; 0 without a certificate.</summary>
    public int ImapPort { get; private init; }

    /// <summary>The TCP port of IMAP with TLS from the first byte.</summary>
    public int ImapsPort { get; private init; }

    /// <summary>The TCP port of POP3, with STLS.</summary>
    public int Pop3Port { get; private init; }

    /// <summary>A Maildir a recipient, named by the address.</summary>
    public string MailFolder { get; }

    /// <summary>What it logged.</summary>
    public string Log => _process.Output;

    /// <summary>Starts it.</summary>
    /// <param name="folder">The test's folder.</param>
    /// <param name="password">The password of every user.</param>
    /// <param name="knownUsers">The one recipient that exists; null for all.</param>
    /// <param name="authority">Whose certificate IMAP and POP3 show; null for neither.</param>
    /// <param name="mechanisms">By which it lets users in.</param>
    public static async Task<Dovecot> StartAsync(
        TestFolder folder, string password = "secret", string? knownUsers = null, TestAuthority? authority = null, string mechanisms = "plain login")
    {
        Installed.Root("Dovecot's processes change their user.");
        var program = Installed.Program("dovecot", "dovecot-core");
        _ = Installed.Program("lmtp", "dovecot-lmtpd");
        await folder.FolderOfAsync("mail", "nobody:nogroup");
        Directory.CreateDirectory(folder.At("dovecot/state"));
        var (lmtp, auth) = (Ports.Free(), Ports.Free());
        var (imap, imaps, pop3) = authority is null ? (0, 0, 0) : (Ports.Free(), Ports.Free(), Ports.Free());
        var file = folder.Write("dovecot.conf", Configuration(folder, password, knownUsers, lmtp, auth, mechanisms) + (authority is null ? "" : Reading(authority, imap, imaps, pop3)));
        var process = ChildProcess.Start(program, ["-F", "-c", file]);
        var dovecot = new Dovecot(process, folder) { LmtpPort = lmtp, AuthPort = auth, ImapPort = imap, ImapsPort = imaps, Pop3Port = pop3 };
        await Ports.OpenAsync(lmtp, process);
        if (authority is not null) await Ports.OpenAsync(pop3, process);
        return dovecot;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Its own end takes its children along; killed, it would leave them to find out.
        _process.Terminate();
        await _process.ExitAsync();
        await _process.DisposeAsync();
    }

    private static string Configuration(TestFolder folder, string password, string? knownUsers, int lmtp, int auth, string mechanisms) => string.Create(CultureInfo.InvariantCulture, $$"""
        base_dir = {{folder.At("dovecot/run")}}
        state_dir = {{folder.At("dovecot/state")}}
        log_path = /dev/stderr
        protocols = lmtp
        listen = 127.0.0.1
        ssl = no
        disable_plaintext_auth = no
        auth_mechanisms = {{mechanisms}}
        mail_location = maildir:{{folder.At("mail")}}/%u
        first_valid_uid = 1
        postmaster_address = postmaster@example.test
        passdb {
          driver = static
          args = password={{password}}
        }
        userdb {
          driver = {{(knownUsers is null ? "static" : "passwd-file")}}
          args = {{(knownUsers is null ? $"uid=nobody gid=nogroup home={folder.At("mail")}/%u allow_all_users=yes" : Users(folder, knownUsers))}}
        }
        service lmtp {
          inet_listener lmtp {
            port = {{lmtp}}
          }
          unix_listener lmtp {
            mode = 0666
          }
        }
        service auth {
          inet_listener {
            port = {{auth}}
          }
        }
        service stats {
          unix_listener stats-writer {
            mode = 0666
          }
        }

        """);

    private static string Reading(TestAuthority authority, int imap, int imaps, int pop3)
    {
        _ = (Installed.Program("imap", "dovecot-imapd"), Installed.Program("pop3", "dovecot-pop3d"));
        return string.Create(CultureInfo.InvariantCulture, $$"""
            protocols = lmtp imap pop3
            ssl = yes
            ssl_cert = <{{authority.CertificateFile}}
            ssl_key = <{{authority.KeyFile}}
            service imap-login {
              inet_listener imap {
                port = {{imap}}
              }
              inet_listener imaps {
                port = {{imaps}}
              }
            }
            service pop3-login {
              inet_listener pop3 {
                port = {{pop3}}
              }
              inet_listener pop3s {
                port = 0
              }
            }

            """);
    }

    private static string Users(TestFolder folder, string known) =>
        "username_format=%u " + folder.Write("users", $"{known}:{{PLAIN}}x:65534:65534::{folder.At("mail")}/{known}::\n");
}
