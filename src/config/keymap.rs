//! Keymaps: context → keys → command name. Files say what is bound; the trie made from them
//! answers at each key. A keymap names commands only, so nothing that is not a command (a
//! confirmation, above all) can be bound.

use super::key::Chord;
use super::source::{Complaint, Loaded, Source};
use crossterm::event::KeyEvent;
use std::borrow::Cow;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where a binding holds. The focused layer's context is asked first, then `Global`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// Everywhere that does not take text.
    Global,
    /// A fleet table.
    Fleet,
    /// A detail view.
    Detail,
    /// A chart view.
    Board,
    /// A query tab's editor, normal mode of the vim style.
    EditorNormal,
    /// A query tab's editor while text goes in (plain style, or vim's insert mode).
    EditorInsert,
    /// A query tab's editor, visual mode of the vim style.
    EditorVisual,
    /// A query tab's results.
    Results,
    /// A query tab's results as a tree.
    Tree,
    /// A query tab's results as a drawn graph.
    Graph,
    /// A list to choose from: pickers, menus, help.
    List,
}

impl Context {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Global,
        Self::Fleet,
        Self::Detail,
        Self::Board,
        Self::EditorNormal,
        Self::EditorInsert,
        Self::EditorVisual,
        Self::Results,
        Self::Tree,
        Self::Graph,
        Self::List,
    ];

    /// Its name in keymap files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Fleet => "fleet",
            Self::Detail => "detail",
            Self::Board => "board",
            Self::EditorNormal => "editor-normal",
            Self::EditorInsert => "editor-insert",
            Self::EditorVisual => "editor-visual",
            Self::Results => "results",
            Self::Tree => "tree",
            Self::Graph => "graph",
            Self::List => "list",
        }
    }

    /// Whether keys that mean nothing here go to an editor instead of to `Global`.
    pub const fn is_editor(self) -> bool {
        matches!(self, Self::EditorNormal | Self::EditorInsert | Self::EditorVisual)
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
}

/// What a key sequence leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// Nothing.
    None,
    /// The beginning of longer bindings.
    Pending,
    /// A command's name, as in `row.next`.
    Command(&'a str),
}

/// What a keymap inherits that begins with no key at all.
const NOTHING: &str = "none";
/// The command that unbinds.
const NOOP: &str = "noop";

/// The longest sequence.
const LONGEST: usize = 4;

/// One binding and where it was written.
#[derive(Clone, Debug, PartialEq)]
struct Binding {
    context: Context,
    keys: Vec<Chord>,
    command: Cow<'static, str>,
    note: Option<Cow<'static, str>>,
    file: Arc<str>,
    /// From 1; `None` for a shipped binding, whose file is not read again.
    line: Option<usize>,
}

impl Binding {
    fn complain(&self, what: String) -> Complaint {
        Complaint { file: self.file.as_ref().to_owned(), line: self.line, what }
    }
}

/// One step of the trie.
#[derive(Clone, Debug, Default, PartialEq)]
struct Node {
    /// The binding that ends here, by its place in [`Keymap::bindings`].
    bound: Option<usize>,
    next: Vec<(Chord, Node)>,
}

impl Node {
    fn step(&self, chord: Chord) -> Option<&Self> {
        self.next.iter().find(|(c, _)| *c == chord).map(|(_, n)| n)
    }

    fn put(&mut self, keys: &[Chord], binding: usize) {
        let Some((first, rest)) = keys.split_first() else {
            self.bound = Some(binding);
            return;
        };
        if let Some((_, node)) = self.next.iter_mut().find(|(c, _)| c == first) {
            node.put(rest, binding);
        } else {
            let mut node = Self::default();
            node.put(rest, binding);
            self.next.push((*first, node));
        }
    }
}

/// The live keymap.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Keymap {
    roots: Vec<(Context, Node)>,
    bindings: Vec<Binding>,
}

impl Keymap {
    /// Builds a keymap from one file and those it inherits, which `find` supplies by name.
    ///
    /// # Errors
    /// The first mistake: not TOML, an unknown context or key of the format, a key that is no
    /// key, the same keys bound twice in one file, or files that inherit each other.
    pub fn load(
        source: &Source,
        find: &dyn Fn(&str) -> Result<Source, Complaint>,
    ) -> Result<Loaded<Self>, Complaint> {
        let mut chain = vec![source.clone()];
        let mut warnings = Vec::new();
        let mut files = Vec::new();
        while let Some(file) = chain.pop() {
            let (inherits, bindings) = read(&file, &mut warnings)?;
            if inherits.is_none() && file.bindings.is_none() {
                // A few keys of one's own leave the others as they are.
                chain.extend(find("default").ok().filter(|shipped| shipped.bindings.is_some()));
            }
            if let Some((parent, at)) = inherits.filter(|(parent, _)| parent != NOTHING) {
                let parent = find(&parent).map_err(|e| Complaint { what: e.to_string(), ..at.clone() })?;
                if parent == file || files.iter().any(|(f, _): &(Source, _)| *f == parent) {
                    return Err(Complaint { what: "these keymaps inherit each other".into(), ..at });
                }
                chain.push(parent);
            }
            files.push((file, bindings));
        }
        let mut map = Self::default();
        for (_, bindings) in files.into_iter().rev() {
            map.lay(bindings);
        }
        map.build();
        Ok(Loaded { value: map, warnings })
    }

    /// Lays one file's bindings over those of the files it inherits: what is in the way of a
    /// new binding goes.
    fn lay(&mut self, new: Vec<Binding>) {
        self.bindings.retain(|old| {
            !new.iter().any(|n| {
                n.context == old.context
                    && (n.keys.starts_with(&old.keys) || (n.command != NOOP && old.keys.starts_with(&n.keys)))
            })
        });
        self.bindings.extend(new.into_iter().filter(|b| b.command != NOOP));
    }

    fn build(&mut self) {
        for context in Context::ALL {
            let mut root = Node::default();
            for (place, b) in self.bindings.iter().enumerate().filter(|(_, b)| b.context == context) {
                root.put(&b.keys, place);
            }
            self.roots.push((context, root));
        }
    }

    /// What `keys`, typed in `context`, lead to.
    pub fn lookup(&self, context: Context, keys: &[KeyEvent]) -> Lookup<'_> {
        let Some((_, root)) = self.roots.iter().find(|(c, _)| *c == context) else { return Lookup::None };
        let mut node = root;
        for key in keys {
            match node.step(Chord::new(*key)) {
                Some(next) => node = next,
                None => return Lookup::None,
            }
        }
        match node.bound.and_then(|place| self.bindings.get(place)) {
            Some(binding) => Lookup::Command(&binding.command),
            None if keys.is_empty() || node.next.is_empty() => Lookup::None,
            None => Lookup::Pending,
        }
    }

    /// The keys of `command` in `context`, shortest first, in the notation of keymap files.
    pub fn keys_of(&self, context: Context, command: &str) -> Vec<String> {
        let mut found: Vec<_> =
            self.bindings.iter().filter(|b| b.context == context && b.command == command).collect();
        found.sort_by_key(|b| (b.keys.len(), b.keys.iter().any(|c| c.trouble().is_some())));
        found.into_iter().map(|b| print(&b.keys)).collect()
    }

    /// Every binding: context, keys, command name.
    pub fn bindings(&self) -> Vec<(Context, String, String)> {
        self.bindings.iter().map(|b| (b.context, print(&b.keys), b.command.to_string())).collect()
    }

    /// What a keymap file says about a binding, when it says more than the command's own words.
    pub fn note(&self, context: Context, command: &str) -> Option<&str> {
        self.bindings.iter().find(|b| b.context == context && b.command == command)?.note.as_deref()
    }

    /// Complaints about commands that `is_command` does not know. A command may carry an
    /// argument after a blank; only its name is asked.
    pub fn check(&self, is_command: impl Fn(&str) -> bool) -> Vec<Complaint> {
        let known = |b: &&Binding| is_command(b.command.split(' ').next().unwrap_or_default());
        self.bindings
            .iter()
            .filter(|b| !known(b))
            .map(|b| b.complain(format!("no command is called `{}`", b.command)))
            .collect()
    }

    /// Bindings whose keys many terminals do not send: context, keys, why.
    pub fn troubles(&self) -> Vec<(Context, String, &'static str)> {
        self.bindings
            .iter()
            .filter_map(|b| Some((b.context, print(&b.keys), b.keys.iter().find_map(Chord::trouble)?)))
            .collect()
    }
}

fn print(keys: &[Chord]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// What a file inherits, with the place where it says so.
type Inherits = Option<(String, Complaint)>;

/// One file: what it inherits and what it binds.
fn read(file: &Source, warnings: &mut Vec<Complaint>) -> Result<(Inherits, Vec<Binding>), Complaint> {
    if let Some(lines) = file.bindings {
        return read_shipped(file, lines);
    }
    let file_name: Arc<str> = file.name.as_str().into();
    let table = file.table()?;
    let (mut inherits, mut bindings) = (None, Vec::new());
    for (key, value) in table.get_ref() {
        let name: &str = key.get_ref();
        if name == "inherits" {
            let at = file.complain(value.span(), "");
            inherits = Some((file.text_of(name, value)?.to_owned(), at));
            continue;
        }
        let context = Context::from_name(name)
            .ok_or_else(|| file.complain(key.span(), format!("no context is called `{name}`")))?;
        let list = value.get_ref().as_array().ok_or_else(|| file.wrong(name, value, "a list of bindings"))?;
        let first = bindings.len();
        for entry in list.iter() {
            let table = entry.get_ref().as_table().ok_or_else(|| file.wrong(name, entry, "a table"))?;
            let binding = read_binding(file, &file_name, context, entry, table)?;
            examine(&binding, bindings.get(first..).unwrap_or_default(), warnings)?;
            bindings.push(binding);
        }
    }
    Ok((inherits, bindings))
}

fn read_binding(
    file: &Source,
    file_name: &Arc<str>,
    context: Context,
    entry: &Spanned<DeValue<'_>>,
    table: &DeTable<'_>,
) -> Result<Binding, Complaint> {
    let (mut keys, mut command, mut note, mut at) = (Vec::new(), None, None, entry.span());
    for (key, value) in table {
        let name: &str = key.get_ref();
        match name {
            "on" => {
                at = value.span();
                for text in file.texts_of(name, value)? {
                    keys.extend(Chord::parse_all(&text).map_err(|e| file.complain(value.span(), e))?);
                }
            }
            "run" => command = Some(file.text_of(name, value)?.trim().to_owned()),
            "desc" => note = Some(file.text_of(name, value)?.to_owned()),
            _ => return Err(file.complain(key.span(), format!("a binding has no `{name}`: on, run, desc"))),
        }
    }
    let line = file.complain(at.clone(), "").line;
    let command = command
        .filter(|c| !c.is_empty())
        .ok_or_else(|| file.complain(at.clone(), "this binding says no command: `run` is missing"))?;
    if keys.is_empty() || keys.len() > LONGEST {
        return Err(file.complain(at, format!("`on` wants one to {LONGEST} keys")));
    }
    let (command, note) = (Cow::Owned(command), note.map(Cow::Owned));
    Ok(Binding { context, keys, command, note, file: file_name.clone(), line })
}

/// A shipped file as the build has read it: `build.rs` says how a line looks.
fn read_shipped(file: &Source, lines: &'static str) -> Result<(Inherits, Vec<Binding>), Complaint> {
    let odd = |line: &str| file.complain_whole(format!("not as the build wrote it: {line}"));
    let name: Arc<str> = file.name.as_str().into();
    let (mut inherits, mut bindings) = (None, Vec::new());
    for line in lines.lines() {
        let mut fields = line.split('\t');
        let mut next = || fields.next().ok_or_else(|| odd(line));
        let (context, keys) = (next()?, next()?);
        if context == "inherits" {
            inherits = Some((keys.to_owned(), file.complain_whole("")));
            continue;
        }
        let (command, note) = (next()?, next()?);
        bindings.push(Binding {
            context: Context::from_name(context).ok_or_else(|| odd(line))?,
            keys: Chord::parse_all(keys).map_err(|e| file.complain_whole(e))?,
            command: Cow::Borrowed(command),
            note: (!note.is_empty()).then_some(Cow::Borrowed(note)),
            file: name.clone(),
            line: None,
        });
    }
    Ok((inherits, bindings))
}

/// Checks a binding against those before it in the same file and context.
fn examine(new: &Binding, before: &[Binding], warnings: &mut Vec<Complaint>) -> Result<(), Complaint> {
    let complain = |what| new.complain(what);
    for old in before {
        let (keys, line) = (|| print(&new.keys), old.line.unwrap_or_default());
        if old.keys == new.keys {
            let place = new.context.name();
            return Err(complain(format!("`{}` is bound twice in [{place}]: see line {line}", keys())));
        }
        if new.command == NOOP || old.command == NOOP {
            continue;
        }
        if old.keys.starts_with(&new.keys) {
            warnings.push(complain(format!("`{}` hides the longer binding of line {line}", keys())));
        } else if new.keys.starts_with(&old.keys) {
            warnings.push(complain(format!("`{}` is never reached: line {line} comes first", keys())));
        }
    }
    if new.command != NOOP
        && let Some(why) = new.keys.iter().find_map(Chord::trouble)
    {
        warnings.push(complain(format!("`{}`: {why}", print(&new.keys))));
    }
    Ok(())
}
