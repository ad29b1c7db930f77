//! `import file`: reads a file by a mapping, says what is wrong with it and what it changes, and brings
//! it in.

use super::{Failure, ImportFile, accounts::hotels, serve};
use crate::{
    accounts::{Accounts, Importer},
    database::Database,
    import::table::{FileFault, Intake, bring_in},
    snapshots::Snapshots,
};
use keyrack_model::{
    import::{
        ImportAsked, ImportKind, ImportOutcome, ImportReport, ImportWish, LineFate, Mapping,
        Weight, text_of_file,
    },
    limits::MAX_IMPORT_FILE,
};
use std::{fmt::Write, fs::File, io::Read, path::Path, sync::Arc};

pub(super) async fn file(arguments: ImportFile) -> Result<(), Failure> {
    let kind = arguments.kind;
    let mapping = arguments.mapping.as_deref();
    let mapping = mapping.map(|path| self::mapping(path, kind)).transpose()?;
    let asked = ImportAsked {
        kind,
        wish: if arguments.dry_run {
            ImportWish::Preview
        } else if arguments.leave_out {
            ImportWish::LeaveOut
        } else {
            ImportWish::AllOrNothing
        },
        mapping,
        file: text(&arguments.file)?,
    };
    let database = Database::open(&arguments.database.database_url).await?;
    let accounts = Accounts::new(database.clone());
    let hotel = accounts.find_hotel(&arguments.hotel).await?;
    let hotels = hotels(database.clone());
    let clock = Arc::new(serve::now);
    let snapshots = Snapshots::new(database.clone(), hotels.log().clone(), clock);
    let intake = Intake {
        hotels: &hotels,
        accounts: &accounts,
        database: &database,
        snapshots: &snapshots,
        hotel,
        importer: &Importer::Operator,
    };
    let report = bring_in(&intake, &asked).await?;
    hotels.stop().await;
    if arguments.show_mapping {
        println!("{}", serde_json::to_string_pretty(&report.mapping)?);
    }
    eprint!("{}", problems(&report));
    print!("{}", told(&report));
    match report.outcome {
        ImportOutcome::Previewed | ImportOutcome::Written => Ok(()),
        ImportOutcome::Refused => Err(format!(
            "{} rows are in error, and nothing was brought in. Correct the file, or leave them out \
             with --leave-out",
            report.counts.faulty
        )
        .into()),
    }
}

/// A file of at most the bytes that are read of one.
fn text(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let unread = |error| format!("{shown} cannot be read: {error}");
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unread)?;
    // One more, by which the reading sees that it is too large.
    let bound = MAX_IMPORT_FILE as u64 + 1;
    file.take(bound).read_to_end(&mut bytes).map_err(unread)?;
    if bytes.len() > MAX_IMPORT_FILE {
        return Err(format!("{shown} is larger than 4 MiB; divide it").into());
    }
    let read = text_of_file(&bytes).map_err(FileFault::from);
    let (text, _) = read.map_err(|fault| format!("{shown}: {fault}"))?;
    Ok(text)
}

fn mapping(path: &Path, kind: ImportKind) -> Result<Mapping, Failure> {
    let text = text(path)?;
    Mapping::read(&text, kind).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        format!("{} is no mapping: {}", path.display(), faults.join("; ")).into()
    })
}

fn problems(report: &ImportReport) -> String {
    let mut said = String::new();
    for problem in &report.problems {
        let _ = write!(said, "row {}", problem.row);
        if let Some(column) = &problem.column {
            let _ = write!(said, ", column {column}");
        }
        let found = &problem.found;
        if !found.is_empty() {
            let _ = write!(said, ", “{found}”");
        }
        let kept = match problem.weight {
            Weight::Error => "",
            Weight::Warning => " (the row is brought in)",
        };
        let _ = writeln!(said, ": {}{kept}", problem.said);
    }
    if report.unlisted > 0 {
        let _ = writeln!(said, "and {} problems more", report.unlisted);
    }
    said
}

fn told(report: &ImportReport) -> String {
    let counts = report.counts;
    let begins = match report.outcome {
        ImportOutcome::Previewed => "Would bring in",
        ImportOutcome::Written => "Brought in",
        ImportOutcome::Refused => "Would have brought in",
    };
    let mut said = format!(
        "{begins} {}: {} new, {} changed, {} unchanged, {} in error\n",
        report.kind, counts.new, counts.changed, counts.unchanged, counts.faulty
    );
    for line in &report.first {
        let fate = match line.fate {
            LineFate::New => "new",
            LineFate::Changed => "changed",
        };
        let fields = line.fields.iter().map(|change| match &*change.before {
            "" => format!("{} {}", change.field, change.after),
            before => format!("{} {before} → {}", change.field, change.after),
        });
        let fields: Vec<String> = fields.collect();
        let _ = writeln!(
            said,
            "    row {}, {}, {fate}: {}",
            line.row,
            line.name,
            fields.join(", ")
        );
    }
    if report.outcome == ImportOutcome::Previewed {
        said += "Nothing was changed.\n";
    }
    said
}
