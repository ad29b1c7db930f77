//! The server's own TLS: a certificate and its key, read from files and read again on request.
//!
//! **Architecture Invariant**: what is served last stays until files that fit were read; a
//! connection keeps what it began with.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::ring,
        pki_types::{
            CertificateDer, PrivateKeyDer,
            pem::{self, PemObject},
        },
    },
    server::TlsStream,
};

/// What is spoken inside.
const HTTP_1: &[u8] = b"http/1.1";

/// Files that cannot be served with.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// There is no certificate that can be shown.
    #[error("the certificate in {} cannot be used: {why}", .file.display())]
    Certificate { file: PathBuf, why: Why },
    /// There is no key that can be used.
    #[error("the key in {} cannot be used: {why}", .file.display())]
    Key { file: PathBuf, why: Why },
    /// Each is sound, and they are not of one another.
    #[error(
        "the certificate in {} and the key in {} do not belong together: name the two files that \
         were made for each other",
        .certificate.display(),
        .key.display()
    )]
    Pair { certificate: PathBuf, key: PathBuf },
    /// The library takes nothing of this kind.
    #[error("TLS cannot be had with these settings: {0}")]
    Settings(#[from] rustls::Error),
}

/// What is wrong with a file.
#[derive(Debug)]
pub enum Why {
    /// The system does not give it.
    Unreadable(std::io::Error),
    /// There is no section of its kind in it.
    Nothing,
    /// Something in it is torn or is no text of this format.
    NotPem,
    /// It reads well, and says what the library does not know.
    NotSupported(rustls::Error),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "it cannot be read ({error})"),
            Self::Nothing => f.write_str("there is none in it; it must be a file in PEM format"),
            Self::NotPem => f.write_str("it is not a whole file in PEM format"),
            Self::NotSupported(error) => write!(f, "it is of a kind that is not known ({error})"),
        }
    }
}

/// Clones share it.
#[derive(Clone)]
pub struct Tls(Arc<Files>);

struct Files {
    certificate: PathBuf,
    key: PathBuf,
    present: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads a chain of certificates, the server's first, and its key, both as PEM.
    ///
    /// # Errors
    /// Which of the files cannot be used, and why.
    pub fn read(certificate: PathBuf, key: PathBuf) -> Result<Self, TlsError> {
        let present = RwLock::new(settings(&certificate, &key)?);
        Ok(Self(Arc::new(Files {
            certificate,
            key,
            present,
        })))
    }

    /// Serves with what the files say by now, from the next connection on.
    ///
    /// # Errors
    /// As [`Tls::read`]; what was served stays.
    pub fn read_again(&self) -> Result<(), TlsError> {
        let read = settings(&self.0.certificate, &self.0.key)?;
        let present = self.0.present.write();
        *present.unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    pub(super) async fn accept<S>(&self, stream: S) -> std::io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        TlsAcceptor::from(self.present()).accept(stream).await
    }

    fn present(&self) -> Arc<ServerConfig> {
        let present = self.0.present.read();
        present.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn settings(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let wrong_certificate = |why| TlsError::Certificate {
        file: certificate.to_owned(),
        why,
    };
    let wrong_key = |why| TlsError::Key {
        file: key.to_owned(),
        why,
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong_certificate(why(error)))?;
    if chain.is_empty() {
        return Err(wrong_certificate(Why::Nothing));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong_key(why(error)))?;
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth();
    let mut settings = match builder.with_single_cert(chain, private) {
        Ok(settings) => settings,
        Err(rustls::Error::InconsistentKeys(_)) => {
            return Err(TlsError::Pair {
                certificate: certificate.to_owned(),
                key: key.to_owned(),
            });
        }
        Err(error @ rustls::Error::InvalidCertificate(_)) => {
            return Err(wrong_certificate(Why::NotSupported(error)));
        }
        Err(error) => return Err(wrong_key(Why::NotSupported(error))),
    };
    settings.alpn_protocols = vec![HTTP_1.to_vec()];
    Ok(Arc::new(settings))
}

fn why(error: pem::Error) -> Why {
    match error {
        pem::Error::Io(error) => Why::Unreadable(error),
        pem::Error::NoItemsFound => Why::Nothing,
        _ => Why::NotPem,
    }
}

#[cfg(test)]
pub(super) mod tests;
