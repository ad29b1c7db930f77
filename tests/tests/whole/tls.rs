//! A server with its own certificate, and computers that trust it or do not.

use keyrack_tests::{
    desk::Desk,
    hotel::{MARIA, RUI},
    postgres::Database,
    server::{Cli, Server, TlsFiles},
    wait,
    window::Window,
    world::World,
};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Whoever vouches for servers, with the files of one of them.
struct Authority {
    folder: PathBuf,
}

impl Authority {
    fn new(folder: &Path) -> Self {
        let authority = Self {
            folder: folder.to_owned(),
        };
        authority.begin_anew();
        authority
    }

    /// Another one takes over, and vouches for another certificate in the same files.
    fn begin_anew(&self) {
        let mut itself =
            CertificateParams::new(Vec::new()).expect("a certificate can be made and written");
        let named = |name: &str| {
            let mut names = DistinguishedName::new();
            names.push(DnType::CommonName, name);
            names
        };
        itself.distinguished_name = named("The hotel's authority");
        itself.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let own_key = KeyPair::generate().expect("a certificate can be made and written");
        let own = itself
            .self_signed(&own_key)
            .expect("a certificate can be made and written");
        fs::write(self.certificate(), own.pem()).expect("a certificate can be made and written");
        let issuer = Issuer::new(itself, own_key);
        let key = KeyPair::generate().expect("a certificate can be made and written");
        let mut server = CertificateParams::new(vec!["127.0.0.1".to_owned()])
            .expect("a certificate can be made and written");
        server.distinguished_name = named("The hotel's server");
        let server = server
            .signed_by(&key, &issuer)
            .expect("a certificate can be made and written");
        let TlsFiles {
            certificate,
            key: file,
        } = self.of_the_server();
        fs::write(certificate, server.pem()).expect("a certificate can be made and written");
        fs::write(file, key.serialize_pem()).expect("a certificate can be made and written");
    }

    /// What an administrator has computers trust.
    fn certificate(&self) -> PathBuf {
        self.folder.join("authority.pem")
    }

    fn of_the_server(&self) -> TlsFiles {
        TlsFiles {
            certificate: self.folder.join("server.pem"),
            key: self.folder.join("server-key.pem"),
        }
    }
}

async fn is_told(window: &Window, sentence: &str) {
    window.wait_for("problem").await;
    let told = async || window.text().await.contains(sentence);
    wait::until_seen(format!("“{sentence}”"), true, told).await;
}

#[tokio::test]
async fn a_computer_that_trusts_the_certificate_works_over_it_and_another_is_kept_from_it() {
    let world = World::new();
    let authority = Authority::new(world.folder());
    let database = Database::with_demo().await;
    let files = authority.of_the_server();
    let server = Server::start_over_tls(database, world.folder(), files).await;
    assert!(server.url().starts_with("https://"));

    let stranger = world.workplace("stranger", &server.url()).open().await;
    Desk::try_password(&stranger, MARIA.name, &MARIA.password()).await;
    is_told(&stranger, &server.url()).await;
    assert!(stranger.has("sign-in").await);

    let trusting = world
        .workplace("desk", &server.url())
        .that_trusts(&authority.certificate());
    let rui = Desk::sign_in(trusting.open().await, &RUI).await;
    let room = rui.board().await.into_keys().next().expect("a room");
    rui.set_cleanliness(&room, "pickup").await;
    rui.wait_until_synced().await;

    // Another certificate is for whoever comes; who is there works on.
    authority.begin_anew();
    server.read_certificate_again().await;
    let later = world
        .workplace("later", &server.url())
        .that_trusts(&authority.certificate());
    let maria = Desk::sign_in(later.open().await, &MARIA).await;
    maria
        .wait_for_tile(&room, |tile| tile.cleanliness == "pickup")
        .await;
    rui.set_cleanliness(&room, "dirty").await;
    maria
        .wait_for_tile(&room, |tile| tile.cleanliness == "dirty")
        .await;
}

#[tokio::test]
async fn a_password_for_another_machine_is_never_sent_in_the_clear() {
    let world = World::new();
    let window = world
        .workplace("desk", "http://keyrack.example:7300")
        .open()
        .await;
    Desk::try_password(&window, MARIA.name, &MARIA.password()).await;
    is_told(&window, "in the clear").await;
    assert!(window.text().await.contains("https://"));
    assert_eq!(window.value("server").await, "http://keyrack.example:7300");
}

#[tokio::test]
async fn files_that_cannot_be_served_with_are_named_and_nothing_is_served() {
    let world = World::new();
    let authority = Authority::new(world.folder());
    let TlsFiles { certificate, key } = authority.of_the_server();
    let database = Database::empty().await;
    let serve = async |certificate: &Path, key: &Path| {
        let (certificate, key) = (certificate.display(), key.display());
        let cli = Cli::new(&database)
            .with("KEYRACK_TLS_CERTIFICATE", &certificate.to_string())
            .with("KEYRACK_TLS_KEY", &key.to_string());
        cli.fail(&["serve"], "").await
    };
    let not_there = world.folder().join("not-there.pem");
    for (one, other, named, said) in [
        (&not_there, &key, &not_there, "cannot be read"),
        (
            &certificate,
            &certificate,
            &certificate,
            "there is none in it",
        ),
        (
            &authority.certificate(),
            &key,
            &key,
            "do not belong together",
        ),
    ] {
        let sentence = serve(one, other).await;
        assert!(sentence.contains(said), "{sentence}");
        assert!(
            sentence.contains(&named.display().to_string()),
            "{sentence}"
        );
    }
    let half = Cli::new(&database)
        .with("KEYRACK_TLS_KEY", &key.display().to_string())
        .run(&["serve"], "")
        .await;
    assert_eq!(half.code, Some(2));
    assert!(half.stderr.contains("--tls-certificate"), "{}", half.stderr);
}
