//! From flags and files to what both front ends stand on: places, reaches, engines, access.

use crate::aws::{Reaches, Settings, region};
use crate::cli::Global;
use crate::config::{Config, EditorStyle, Overrides};
use crate::guard::{Access, LiveAccess};
use crate::model::{Failure, FailureKind, Place, SafeText};
use crate::query::engines::EngineOptions;
use std::sync::Arc;

/// Every commercial and partition region, for pickers and for `--region eu-*`.
/// Source: the endpoints file of botocore 1.44.5.
pub const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "cn-north-1",
    "cn-northwest-1",
    "us-gov-east-1",
    "us-gov-west-1",
];

/// What both front ends stand on.
pub struct Setup {
    /// Checked configuration: theme, keymap, settings.
    pub config: Config,
    /// Where to look, at least one.
    pub places: Vec<Place>,
    /// How each place is reached.
    pub reaches: Arc<Reaches>,
    /// What engines need beside a reach.
    pub engines: EngineOptions,
    /// Whether the built-in estate answers.
    pub demo: bool,
}

impl Setup {
    /// Reads flags, environment and files.
    ///
    /// # Errors
    /// A [`FailureKind::Usage`] failure that names the flag, or the file and line.
    pub async fn from_flags(flags: &Global) -> Result<Self, Failure> {
        let (setup, nowhere) = Self::to_look_at(flags).await?;
        nowhere.map_or(Ok(setup), Err)
    }

    /// The same for who only wants to see it: no place to look is no error, but comes with the reason.
    ///
    /// # Errors
    /// As [`Setup::from_flags`], for everything else.
    pub async fn to_look_at(flags: &Global) -> Result<(Self, Option<Failure>), Failure> {
        let config = Config::load(&overrides(flags))?;
        let access = LiveAccess::new(if flags.read_only { Access::sealed() } else { Access::read_only() });
        let mut settings = Settings {
            endpoint_url: flags.endpoint_url.clone(),
            ca_bundle: config.settings.ca_bundle.clone(),
            answers: None,
        };
        let mut engines = EngineOptions { ca_bundle: settings.ca_bundle.clone(), ..EngineOptions::default() };
        let mut nowhere = None;
        let places = if flags.demo {
            demo_places(flags, &mut settings, &mut engines)?
        } else {
            match places(&config).await {
                Ok(places) => places,
                Err(why) => {
                    nowhere = Some(why);
                    Vec::new()
                }
            }
        };
        let reaches = Arc::new(Reaches::new(settings, access));
        Ok((Self { config, places, reaches, engines, demo: flags.demo }, nowhere))
    }
}

/// What the flags say about configuration.
pub fn overrides(flags: &Global) -> Overrides {
    Overrides {
        config: flags.config.clone(),
        theme: flags.theme.clone(),
        keymap: flags.keymap.clone(),
        editor: flags.editor.map(|style| match style {
            crate::cli::Editor::Vim => EditorStyle::Vim,
            crate::cli::Editor::Plain => EditorStyle::Plain,
        }),
        ascii: flags.ascii.then_some(true),
        profiles: flags.profile.clone(),
        regions: flags.region.clone(),
        ca_bundle: flags.ca_bundle.clone(),
        start: flags.view.clone(),
        ..Overrides::default()
    }
}

#[cfg(feature = "demo")]
fn demo_places(
    flags: &Global,
    settings: &mut Settings,
    engines: &mut EngineOptions,
) -> Result<Vec<Place>, Failure> {
    let demo = crate::demo::estate(flags.demo_size, crate::clock::now());
    settings.answers = Some(demo.answers);
    engines.local = Some(demo.local);
    if flags.region.is_empty() {
        return Ok(demo.places);
    }
    let wanted = expand_regions(&flags.region)?;
    let places: Vec<_> =
        demo.places.into_iter().filter(|p| wanted.iter().any(|r| **r == *p.region)).collect();
    if places.is_empty() {
        return Err(usage("--region", "the demo estate has none of these regions")
            .hint("it lives in eu-west-1, us-east-1 and ap-southeast-2"));
    }
    Ok(places)
}

#[cfg(not(feature = "demo"))]
fn demo_places(_: &Global, _: &mut Settings, _: &mut EngineOptions) -> Result<Vec<Place>, Failure> {
    Err(usage("--demo", "this is the lean build, without the demo estate")
        .hint("build with the cargo feature `demo`, which is on by default"))
}

async fn places(config: &Config) -> Result<Vec<Place>, Failure> {
    let mut profiles = config.settings.profiles.clone();
    if profiles.is_empty() {
        let named = std::env::var("AWS_PROFILE").ok().filter(|p| !p.is_empty());
        profiles.push(named.unwrap_or_else(|| "default".into()));
    }
    let there = self::profiles();
    if let Some(odd) = config.settings.profiles.iter().find(|p| *p != "default" && !there.contains(p)) {
        let why = format!("there is no profile {}", SafeText::new(odd));
        let hint = if there.is_empty() {
            "~/.aws/config has none".into()
        } else {
            format!("there are {}", there.join(", "))
        };
        return Err(Failure::new(FailureKind::Login, "--profile", why).hint(hint));
    }
    let regions = expand_regions(&config.settings.regions)?;
    let mut places = Vec::new();
    for profile in &profiles {
        if regions.is_empty() {
            let home = region::home(profile).await.ok_or_else(|| {
                usage("--region", &format!("profile {profile} names no region"))
                    .hint("give --region, set AWS_REGION, or look around first with `dbdeck --demo`")
            })?;
            places.push(Place::new(profile.as_str(), home));
        } else {
            places.extend(regions.iter().map(|region| Place::new(profile.as_str(), region.as_str())));
        }
    }
    Ok(places)
}

/// Regions as given, with `eu-*` expanded.
///
/// # Errors
/// When a pattern fits no region.
pub fn expand_regions(given: &[String]) -> Result<Vec<String>, Failure> {
    let mut out = Vec::new();
    for word in given.iter().map(|w| w.trim()).filter(|w| !w.is_empty()) {
        let before = out.len();
        match word.strip_suffix('*') {
            Some(prefix) => {
                out.extend(REGIONS.iter().filter(|r| r.starts_with(prefix)).map(|r| (*r).to_owned()));
            }
            None => out.push(word.to_owned()),
        }
        if out.len() == before {
            return Err(usage("--region", &format!("no region fits {word}"))
                .hint("as in --region eu-west-1 or 'eu-*'"));
        }
    }
    let mut seen = std::collections::HashSet::new();
    out.retain(|r| seen.insert(r.clone()));
    Ok(out)
}

/// Names of the profiles in the shared AWS files, for the picker. Missing files are no profiles.
pub fn profiles() -> Vec<String> {
    let home = |file: &str| etcetera::home_dir().ok().map(|h| h.join(".aws").join(file));
    let path = |var: &str, file: &str| std::env::var_os(var).map(Into::into).or_else(|| home(file));
    let mut names = std::collections::BTreeSet::new();
    for file in [path("AWS_CONFIG_FILE", "config"), path("AWS_SHARED_CREDENTIALS_FILE", "credentials")] {
        let text = file.and_then(|f: std::path::PathBuf| std::fs::read_to_string(f).ok()).unwrap_or_default();
        for line in text.lines() {
            let Some(section) = line.trim().strip_prefix('[').and_then(|l| l.split_once(']')) else {
                continue;
            };
            let mut words = section.0.split_ascii_whitespace();
            match (words.next(), words.next()) {
                (Some("profile"), Some(name)) | (Some(name), None) => {
                    names.insert(name.to_owned());
                }
                _ => {}
            }
        }
    }
    names.into_iter().collect()
}

fn usage(doing: &str, because: &str) -> Failure {
    Failure::new(FailureKind::Usage, doing, because)
}
