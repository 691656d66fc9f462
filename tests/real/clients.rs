//! Clients that are not dbdeck: they set the scene and look at it from the other side.

use std::sync::Arc;

use aws_credential_types::Credentials;
use mysql_async::prelude::Queryable;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::servers;

/// What a TLS client trusts.
pub enum Trust {
    /// The authority of this run's certificates.
    TestAuthority,
    /// None at all.
    Nobody,
}

fn tls(trust: &Trust) -> MakeRustlsConnect {
    let mut roots = rustls::RootCertStore::empty();
    if matches!(trust, Trust::TestAuthority) {
        for certificate in CertificateDer::pem_file_iter(servers::ca()).expect("the CA's file") {
            roots.add(certificate.expect("a certificate")).expect("an authority");
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    MakeRustlsConnect::new(config)
}

/// Logs in to a PostgreSQL; the connection ends with the client.
pub async fn postgres(
    address: &str,
    user: &str,
    ssl: SslMode,
    trust: &Trust,
) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::Config::new()
        .host("localhost")
        .hostaddr(std::net::Ipv4Addr::LOCALHOST.into())
        .port(servers::port(address))
        .user(user)
        .password(servers::password())
        .dbname("shop")
        .ssl_mode(ssl)
        .connect(tls(trust))
        .await?;
    tokio::spawn(connection);
    Ok(client)
}

/// The superuser of the primary.
pub async fn postgres_superuser() -> tokio_postgres::Client {
    postgres(&servers::postgres(), "postgres", SslMode::Require, &Trust::TestAuthority)
        .await
        .expect("PostgreSQL lets its superuser in")
}

/// A MariaDB session by TLS.
pub async fn mariadb(user: &str) -> mysql_async::Result<mysql_async::Conn> {
    by_mysql_protocol(&servers::mariadb(), user).await
}

/// A MySQL 8 session by TLS.
pub async fn mysql(user: &str) -> mysql_async::Result<mysql_async::Conn> {
    by_mysql_protocol(&servers::mysql(), user).await
}

async fn by_mysql_protocol(address: &str, user: &str) -> mysql_async::Result<mysql_async::Conn> {
    let ssl = mysql_async::SslOpts::default()
        .with_root_certs(vec![std::path::PathBuf::from(servers::ca()).into()])
        .with_disable_built_in_roots(true);
    let options = mysql_async::OptsBuilder::default()
        .ip_or_hostname("localhost")
        .tcp_port(servers::port(address))
        .user(Some(user))
        .pass(Some(servers::password()))
        .db_name(Some("shop"))
        .prefer_socket(false)
        .ssl_opts(ssl);
    mysql_async::Conn::new(options).await
}

/// Runs statements that answer nothing, on MariaDB.
pub async fn mariadb_script(user: &str, script: &[&str]) {
    run_all(mariadb(user).await.expect("MariaDB lets its user in"), script).await;
}

/// Runs statements that answer nothing, on MySQL 8.
pub async fn mysql_script(script: &[&str]) {
    run_all(mysql("admin").await.expect("MySQL lets its admin in"), script).await;
}

async fn run_all(mut session: mysql_async::Conn, script: &[&str]) {
    for statement in script {
        session.query_drop(*statement).await.expect("a statement of the scene");
    }
    session.disconnect().await.expect("a clean end");
}

/// What RDS keeps in a secret.
fn stored(user: &str, password: &str) -> String {
    serde_json::json!({ "username": user, "password": password }).to_string()
}

/// An account of the control plane, which keeps each account's state apart: a test with its own sees only its own.
pub struct Account(pub &'static str);

impl Account {
    fn credentials(&self) -> Credentials {
        Credentials::new(self.0, "test", None, None, "test")
    }

    /// The RDS API of the control plane, by a client without a guard.
    pub fn rds(&self) -> aws_sdk_rds::Client {
        let config = aws_sdk_rds::Config::builder()
            .behavior_version(aws_sdk_rds::config::BehaviorVersion::latest())
            .region(aws_sdk_rds::config::Region::new(servers::REGION))
            .endpoint_url(servers::aws())
            .credentials_provider(self.credentials());
        aws_sdk_rds::Client::from_conf(config.build())
    }

    /// The RDS Data API of the control plane.
    pub fn rds_data(&self) -> aws_sdk_rdsdata::Client {
        let config = aws_sdk_rdsdata::Config::builder()
            .behavior_version(aws_sdk_rdsdata::config::BehaviorVersion::latest())
            .region(aws_sdk_rdsdata::config::Region::new(servers::REGION))
            .endpoint_url(servers::aws())
            .credentials_provider(self.credentials());
        aws_sdk_rdsdata::Client::from_conf(config.build())
    }

    /// A DynamoDB table with the key `id`.
    pub async fn table(&self, name: &str) {
        use aws_sdk_dynamodb::types::{AttributeDefinition, KeySchemaElement, KeyType, ScalarAttributeType};
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
            .region(aws_sdk_dynamodb::config::Region::new(servers::REGION))
            .endpoint_url(servers::aws())
            .credentials_provider(self.credentials());
        let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build();
        let id = AttributeDefinition::builder()
            .attribute_name("id")
            .attribute_type(ScalarAttributeType::S)
            .build();
        let made = aws_sdk_dynamodb::Client::from_conf(config.build())
            .create_table()
            .table_name(name)
            .key_schema(key.expect("a key"))
            .attribute_definitions(id.expect("an attribute"))
            .billing_mode(aws_sdk_dynamodb::types::BillingMode::PayPerRequest)
            .send();
        made.await.expect("a table is made");
    }

    /// A secret with a user and the run's password; its ARN.
    pub async fn secret(&self, name: &str, user: &str) -> String {
        self.secret_of(name, user, &servers::password()).await
    }

    /// A secret with a user and a password; its ARN.
    pub async fn secret_of(&self, name: &str, user: &str, password: &str) -> String {
        self.secret_text(name, &stored(user, password)).await
    }

    /// A secret with this text; its ARN.
    pub async fn secret_text(&self, name: &str, text: &str) -> String {
        let made = self.secrets().create_secret().name(name).secret_string(text).send().await;
        made.expect("a secret is made").arn().expect("a secret has an ARN").to_owned()
    }

    /// Gives the secret another password.
    pub async fn rotate(&self, secret: &str, user: &str, password: &str) {
        let put = self.secrets().put_secret_value().secret_id(secret).secret_string(stored(user, password));
        put.send().await.expect("the secret is changed");
    }

    fn secrets(&self) -> aws_sdk_secretsmanager::Client {
        let config = aws_sdk_secretsmanager::Config::builder()
            .behavior_version(aws_sdk_secretsmanager::config::BehaviorVersion::latest())
            .region(aws_sdk_secretsmanager::config::Region::new(servers::REGION))
            .endpoint_url(servers::aws())
            .credentials_provider(self.credentials());
        aws_sdk_secretsmanager::Client::from_conf(config.build())
    }

    /// An instance of `engine` with `user` as its master user.
    pub async fn instance(&self, id: &str, engine: &str, user: &str) {
        let made = self
            .rds()
            .create_db_instance()
            .db_instance_identifier(id)
            .db_instance_class("db.t4g.micro")
            .engine(engine)
            .allocated_storage(20)
            .db_name("shop")
            .master_username(user)
            .master_user_password(servers::password())
            .send()
            .await;
        made.expect("an instance is made");
    }

    /// A read replica of an instance.
    pub async fn replica(&self, id: &str, source: &str) {
        let rds = self.rds();
        let made = rds.create_db_instance_read_replica().db_instance_identifier(id);
        made.source_db_instance_identifier(source).send().await.expect("a replica is made");
    }

    /// A Neptune cluster with a writer. Its endpoint leads nowhere: the data plane is named to dbdeck.
    pub async fn neptune(&self, id: &str) {
        let rds = self.rds();
        let cluster = rds.create_db_cluster().db_cluster_identifier(id).engine("neptune");
        cluster.send().await.expect("a cluster is made");
        let member = rds
            .create_db_instance()
            .db_instance_identifier(format!("{id}-1"))
            .db_cluster_identifier(id)
            .db_instance_class("db.r6g.large")
            .engine("neptune");
        member.send().await.expect("a member is made");
    }

    /// An Aurora PostgreSQL cluster with the Data API on; its ARN.
    pub async fn aurora(&self, id: &str) -> String {
        let rds = self.rds();
        let cluster = rds
            .create_db_cluster()
            .db_cluster_identifier(id)
            .engine("aurora-postgresql")
            .database_name("shop")
            .master_username("postgres")
            .master_user_password(servers::password())
            .enable_http_endpoint(true)
            .send()
            .await
            .expect("a cluster is made");
        let member = rds
            .create_db_instance()
            .db_instance_identifier(format!("{id}-1"))
            .db_cluster_identifier(id)
            .db_instance_class("db.r7g.large")
            .engine("aurora-postgresql")
            .send();
        member.await.expect("a member is made");
        cluster.db_cluster().and_then(|c| c.db_cluster_arn()).expect("a cluster has an ARN").to_owned()
    }
}
