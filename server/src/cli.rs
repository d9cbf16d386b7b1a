//! The command line: what can be asked of `nhipcau`, in words that teach.

use std::{
    fmt::Write,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand, builder::PossibleValuesParser};
use kernel::problem::{Failure, Outcome};

use crate::{
    bench,
    config::{Config, hold},
    demo, figures, keeping,
    serve::{run_node, stop_signal},
    start::start,
};

/// Nhịp Cầu: chính sách đến tận bản làng, phản hồi về tận trung ương.
///
/// One program: the hub at the ministry or province, and the point in a commune that may be offline
/// for days. Try it with `nhipcau demo`.
#[derive(Parser)]
#[command(name = "nhipcau", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show the main job: a hub and the point of xã Phủ Thông, two processes on this machine.
    ///
    /// Prints what to open and how to sign in, then streams what crosses the bridge both ways.
    /// Press `c` and Enter to cut the cable, `n` and Enter to mend it, Ctrl-C to stop. A second start
    /// goes on where the first was.
    Demo(demo::DemoArgs),
    /// Run one node: the hub or point whose data lies in --data (a new hub when the folder is empty).
    Serve {
        #[command(flatten)]
        node: NodeArgs,
        /// Where to listen.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// People reach this node by HTTPS only (a proxy in front ends TLS): cookies become `__Host-`.
        #[arg(long)]
        https: bool,
        /// Address of that proxy, whose X-Forwarded-For is believed.
        #[arg(long)]
        trusted_proxy: Option<IpAddr>,
        /// Stop when standard input closes: the way the demonstration runs its nodes.
        #[arg(long, hide = true)]
        with_parent: bool,
    },
    /// Make this machine the point of a commune: `nhipcau join https://hub.example CODE`.
    ///
    /// The code is made at the hub (page "Điểm") and works once. Both sides prove that they know it,
    /// so nobody between them can take either's place, even over plain HTTP.
    Join {
        /// The hub's address.
        url: String,
        /// The one-time code, as shown at the hub.
        code: String,
        /// A PEM file with the authority that signed the hub's certificate, when it is no public one (a
        /// province's own). It is kept in the data folder as hub-ca.pem.
        #[arg(long)]
        hub_ca: Option<PathBuf>,
        #[command(flatten)]
        node: NodeArgs,
    },
    /// Look after accounts from the machine itself, when nobody can sign in.
    Admin {
        #[command(flatten)]
        node: NodeArgs,
        #[command(subcommand)]
        task: AdminTask,
    },
    /// Copy everything of a node into a new folder while it goes on working.
    Backup {
        #[command(flatten)]
        node: NodeArgs,
        /// The folder to make.
        to: PathBuf,
    },
    /// Bring a node back from a backup folder into an empty data folder, under a new stream epoch.
    Restore {
        #[command(flatten)]
        node: NodeArgs,
        /// The backup folder.
        from: PathBuf,
    },
    /// Examine a node and say, line by line, what is well and what is not.
    Doctor {
        #[command(flatten)]
        node: NodeArgs,
    },
    /// Take figures in from a file: old data, as many as there are.
    Figures {
        #[command(subcommand)]
        task: FiguresTask,
    },
    /// Measure: bytes on the wire, times over bad links, pages per second, memory.
    Bench {
        /// What to measure.
        #[arg(value_enum)]
        what: bench::What,
        /// Print the figures as JSON.
        #[arg(long)]
        json: bool,
        /// A PostgreSQL database to measure on as well (areas) or instead of SQLite (reporting); its tables are
        /// created there.
        #[arg(long)]
        database_url: Option<String>,
        /// Fewer rounds, for a quick look.
        #[arg(long)]
        quick: bool,
        /// How many figures to report on (reporting only); 36 million are a year of the whole country.
        #[arg(long, default_value_t = 3_000_000)]
        figures: u64,
        /// A folder in which the measured database is kept, to go on with it another time (reporting only).
        #[arg(long)]
        data: Option<PathBuf>,
        /// A folder for what another engine needs to make the same figures (reporting only).
        #[arg(long)]
        export: Option<PathBuf>,
        /// Only these parts, separated by commas (reporting only).
        #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(bench::REPORTING_PARTS))]
        only: Vec<String>,
    },
}

/// Which node.
#[derive(Args, Clone)]
pub struct NodeArgs {
    /// The node's data folder.
    #[arg(long, default_value = "data/node")]
    pub data: PathBuf,
    /// Keep records in PostgreSQL (`postgres://…`) instead of SQLite in the data folder.
    #[arg(long)]
    pub database_url: Option<String>,
    /// How many megabytes of files (sound, pictures) this node may keep.
    #[arg(long, default_value_t = 20_000)]
    pub files_mb: u64,
}

impl NodeArgs {
    /// A node with SQLite in this folder.
    pub fn at(data: &std::path::Path) -> Self {
        Self { data: data.to_owned(), database_url: None, files_mb: 2_000 }
    }

    /// As a configuration that listens nowhere in particular.
    pub fn config(&self) -> Config {
        Config {
            data: self.data.clone(),
            database_url: self.database_url.clone(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            https: false,
            trusted_proxy: None,
            files_quota: self.files_mb * 1_000_000,
        }
    }
}

#[derive(Subcommand)]
enum FiguresTask {
    /// Write the figures of FILE over what stands there; may be run while the node works.
    ///
    /// Each figure is judged as the API judges it. What cannot be written is told by its line, everything else is
    /// written; the exit code says whether anything was refused. The same file again changes nothing.
    Import {
        #[command(flatten)]
        node: NodeArgs,
        #[command(flatten)]
        wanted: figures::Wanted,
    },
}

#[derive(Subcommand)]
enum AdminTask {
    /// Make the first administrator (refused once there is one).
    First {
        /// The user name.
        username: String,
    },
    /// Make an account an administrator of everything with a new password, when nobody can sign in.
    Rescue {
        /// The user name.
        username: String,
    },
    /// Make a one-time code with which a point may join, for a commune's code (e.g. 01969).
    EnrolmentCode {
        /// The commune's five-digit code of today.
        commune: String,
    },
}

/// Reads the command line and does what it says.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(execute(cli.command)),
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("nhipcau: {}", in_words(&failure));
            ExitCode::FAILURE
        }
    }
}

async fn execute(command: Command) -> Outcome<ExitCode> {
    match command {
        Command::Demo(args) => demo::run(args).await?,
        Command::Serve { node, listen, https, trusted_proxy, with_parent } => {
            crate::logging::start();
            let config = Config { listen, https, trusted_proxy, ..node.config() };
            let stop = stop_signal(with_parent);
            let _held = hold(&config.data)?;
            // Said before the country is loaded, which takes a while on a first start.
            drop(crate::serve::listen(listen).await?);
            let app = start(&config).await?;
            if let Some(code) = identity::setup_code(&app).await? {
                let page = if https {
                    "trang /lan-dau ở địa chỉ HTTPS của máy này".to_owned()
                } else {
                    format!("http://{listen}/lan-dau")
                };
                eprintln!("Chưa có người quản trị. Mở {page} và nhập mã: {code}");
            }
            eprintln!("{} đang chạy tại http://{listen}", app.site.title);
            Box::pin(run_node(app, config, stop)).await?;
        }
        Command::Join { url, code, hub_ca, node } => {
            let joined = keeping::join(&node.config(), &url, &code, hub_ca.as_deref()).await?;
            println!(
                "Đã nối với {url} làm điểm của {joined}. Chạy: nhipcau serve --data {}",
                node.data.display()
            );
        }
        Command::Admin { node, task } => admin(&node.config(), task).await?,
        Command::Backup { node, to } => keeping::backup(&node.config(), &to).await?,
        Command::Restore { node, from } => keeping::restore(&node.config(), &from).await?,
        Command::Doctor { node } => return keeping::doctor(&node.config()).await,
        Command::Figures { task: FiguresTask::Import { node, wanted } } => {
            return figures::import(&node.config(), &wanted).await;
        }
        Command::Bench { what, json, database_url, quick, figures, data, export, only } => {
            let wanted = bench::ReportingWanted { figures, quick, data, export, only };
            bench::run(what, json, database_url, &wanted).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn admin(config: &Config, task: AdminTask) -> Outcome<()> {
    let app = keeping::open(config).await?;
    match task {
        AdminTask::First { username } => {
            let password = keeping::make_first_administrator(&app, &username).await?;
            println!("Người quản trị: {username}\nMật khẩu: {password}");
        }
        AdminTask::Rescue { username } => {
            let password = keeping::rescue_administrator(&app, &username).await?;
            println!("{username} nay là người quản trị. Mật khẩu: {password}");
        }
        AdminTask::EnrolmentCode { commune } => {
            // Beside the code and not before it: whoever replaces a lost machine needs one all the same.
            match keeping::points_of(&app, &commune).await? {
                0 => {}
                count => eprintln!(
                    "Lưu ý: xã này đã có {count} máy chưa thu hồi. Hai máy cùng ghi thì báo cáo của xã đè lên nhau: \
                     máy cũ không dùng nữa thì thu hồi ở trang Các điểm hỗ trợ."
                ),
            }
            let code = keeping::enrolment_code(&app, &commune).await?;
            println!("{code}");
        }
    }
    app.db.close().await;
    Ok(())
}

/// A failure as one line for a terminal: a problem in its Vietnamese words, a fault with its cause.
pub fn in_words(failure: &Failure) -> String {
    let Failure::Problem(problem) = failure else {
        return format!("Lỗi ngoài dự kiến, xin báo người phụ trách kỹ thuật: {failure}");
    };
    let modules = crate::modules::modules();
    let Ok(words) = crate::start::words(&modules) else {
        return failure.to_string();
    };
    let lang = kernel::locale::Lang::Vi;
    let key = format!("problem-{}", problem.kind.code);
    let title = words.say(lang, &key, &problem.args);
    let next = words.say(lang, &format!("{key}.next"), &problem.args);
    let mut told = format!("{title}. {next}");
    for at in &problem.fields {
        let _ = write!(told, "\n  – {}", words.say(lang, at.key, &at.args));
    }
    told
}
