//! Certificates of an authority that each test makes for itself.

use super::*;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::fs;
use tempfile::TempDir;
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore},
};

/// An authority, and the files of a server that it vouches for.
pub struct Certified {
    folder: TempDir,
    authority: CertificateDer<'static>,
}

impl Certified {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut made = Self {
            authority: CertificateDer::from(Vec::new()),
            folder,
        };
        made.renew();
        made
    }

    /// Another authority vouches for another certificate, in the same files.
    pub fn renew(&mut self) {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = KeyPair::generate().unwrap();
        self.authority = authority.self_signed(&authority_key).unwrap().into();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let server = server.signed_by(&key, &issuer).unwrap();
        fs::write(self.certificate(), server.pem()).unwrap();
        fs::write(self.key(), key.serialize_pem()).unwrap();
    }

    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    pub fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    pub fn tls(&self) -> Result<Tls, TlsError> {
        Tls::read(self.certificate(), self.key())
    }

    /// A client that trusts the authority and nobody else.
    pub fn client(&self) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.clone()).unwrap();
        let mut client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        client.alpn_protocols = vec![b"h2".to_vec(), HTTP_1.to_vec()];
        Arc::new(client).into()
    }
}

#[test]
fn files_that_cannot_be_served_with_are_named_with_what_is_wrong() {
    let good = Certified::new();
    let other = Certified::new();
    let with = |certificate: PathBuf, key: PathBuf| {
        let refused = Tls::read(certificate, key).err();
        refused.expect("they are refused").to_string()
    };
    let rubbish = good.folder.path().join("rubbish.pem");
    fs::write(&rubbish, "no certificate").unwrap();
    let torn = good.folder.path().join("torn.pem");
    let whole = fs::read_to_string(good.key()).unwrap();
    fs::write(&torn, &whole[..whole.len() / 2]).unwrap();
    let not_there = good.folder.path().join("not-there.pem");
    for (certificate, key, named, said) in [
        (&not_there, &good.key(), &not_there, "cannot be read"),
        (
            &good.certificate(),
            &not_there,
            &not_there,
            "cannot be read",
        ),
        (&rubbish, &good.key(), &rubbish, "there is none in it"),
        (
            &good.certificate(),
            &rubbish,
            &rubbish,
            "there is none in it",
        ),
        (&good.key(), &good.key(), &good.key(), "there is none in it"),
        (&good.certificate(), &torn, &torn, "not a whole file"),
        (
            &good.certificate(),
            &other.key(),
            &other.key(),
            "do not belong together",
        ),
    ] {
        let sentence = with(certificate.clone(), key.clone());
        assert!(sentence.contains(said), "{sentence}");
        assert!(
            sentence.contains(&named.display().to_string()),
            "{sentence}"
        );
    }
}

#[test]
fn what_is_served_stays_until_files_that_fit_were_read() {
    let mut certified = Certified::new();
    let tls = certified.tls().unwrap();
    let before = tls.present();
    let key = fs::read(certified.key()).unwrap();
    fs::write(certified.key(), "half a k").unwrap();
    assert!(tls.read_again().is_err());
    assert!(Arc::ptr_eq(&tls.present(), &before));
    fs::write(certified.key(), key).unwrap();
    certified.renew();
    tls.read_again().unwrap();
    assert!(!Arc::ptr_eq(&tls.present(), &before));
}
