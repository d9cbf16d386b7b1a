//! The cast: who may sign in at the hub and at the point, and what the newcomer is told.

use std::net::SocketAddr;

use identity::{
    actions::{NewAccount, NewRole},
    role,
};
use kernel::{
    app::AppRef,
    caller::Caller,
    clock::Day,
    problem::{Failure, INVALID_FORM, Outcome},
    scope::ScopePath,
};

/// Everybody's password in the demonstration.
pub const PASSWORD: &str = "qua cau sang ban";

struct Part {
    username: &'static str,
    name: &'static str,
    role: &'static str,
    place: &'static str,
}

/// The province in whose name the hub of the demonstration speaks.
pub const PROVINCE: &str = "/vn/19.2025/";
/// The commune of the point.
pub const COMMUNE: &str = "/vn/19.2025/01969.2025/";

const AT_THE_HUB: &[Part] = &[
    Part { username: "mai", name: "Hoàng Thị Mai", role: role::EDITOR, place: "/vn/" },
    Part { username: "binh", name: "Nông Văn Bình", role: role::APPROVER, place: "/vn/" },
    Part { username: "lan", name: "Lý Thị Lan", role: role::PROVINCE_OFFICER, place: PROVINCE },
    Part {
        username: "thao", name: "Đinh Thị Thảo", role: role::PROVINCE_LEADER, place: PROVINCE
    },
    Part {
        username: "dung", name: "Phạm Văn Dũng", role: role::PROGRAMME_OFFICER, place: "/vn/"
    },
    // A form for the whole country needs a second person of the same kind to publish it.
    Part { username: "nga", name: "Vi Thị Nga", role: role::PROGRAMME_OFFICER, place: "/vn/" },
    Part {
        username: "hien", name: "Hà Thị Hiền", role: role::COMMUNE_OFFICER, place: COMMUNE
    },
    Part {
        username: "quantri", name: "Quản trị hệ thống", role: role::ADMINISTRATOR, place: "/"
    },
];

const AT_THE_POINT: &[Part] = &[
    Part {
        username: "hoa", name: "Triệu Thị Hoa", role: role::COMMUNE_OFFICER, place: COMMUNE
    },
    Part {
        username: "hung", name: "Dương Văn Hùng", role: role::COMMUNE_LEADER, place: COMMUNE
    },
    Part { username: "tuan", name: "Bế Văn Tuấn", role: role::KEEPER, place: COMMUNE },
];

/// Makes the hub's accounts; those that are there already stay as they are.
pub async fn make_hub_accounts(app: &AppRef) -> Outcome<()> {
    first_administrator(app).await?;
    make(app, AT_THE_HUB).await
}

async fn first_administrator(app: &AppRef) -> Outcome<()> {
    let name = "Quản trị hệ thống";
    identity::actions::ensure_first_administrator(&app.db, "quantri", name, PASSWORD).await?;
    Ok(())
}

/// Makes the point's accounts.
pub async fn make_point_accounts(app: &AppRef) -> Outcome<()> {
    first_administrator(app).await?;
    make(app, AT_THE_POINT).await
}

async fn make(app: &AppRef, parts: &[Part]) -> Outcome<()> {
    let system = Caller::system(app.now());
    for part in parts {
        let Some(place) = ScopePath::parse(part.place) else { continue };
        let new = NewAccount {
            username: part.username.to_owned(),
            name: part.name.to_owned(),
            place: place.clone(),
            password: Some(PASSWORD.to_owned()),
            roles: vec![NewRole {
                role: part.role.to_owned(),
                scope: place,
                from: app.now().day(),
                until: Day::FOREVER,
            }],
        };
        match identity::actions::create_account(&system, &app.db, new).await {
            // A taken user name: the demonstration goes on where it was.
            Err(failure) if names_are_taken(&failure) => {}
            made => drop(made?),
        }
    }
    Ok(())
}

fn names_are_taken(failure: &Failure) -> bool {
    let fields = failure.problem().map(|problem| problem.fields.as_slice()).unwrap_or_default();
    failure.is(&INVALID_FORM)
        && !fields.is_empty()
        && fields.iter().all(|at| at.field == "username")
}

/// What to open and how to sign in.
pub fn welcome(hub: SocketAddr, point: SocketAddr) -> String {
    format!(
        "
  Nhịp Cầu đang chạy: hai tiến trình, hai cơ sở dữ liệu, một sợi dây.

  TRUNG TÂM (Sở Dân tộc và Tôn giáo Thái Nguyên)   http://{hub}
    mai    biên tập viên      soạn tin:        http://{hub}/bien-tap
    binh   người duyệt        duyệt tin:       http://{hub}/bien-tap
    lan    cán bộ tỉnh        xem độ phủ:      http://{hub}/do-phu
    thao   lãnh đạo tỉnh      duyệt báo cáo:   http://{hub}/bao-cao/duyet
    dung   cán bộ chương trình số liệu:        http://{hub}/so-lieu
    nga    cán bộ chương trình áp dụng biểu:   http://{hub}/bao-cao/bieu
    hien   cán bộ xã          độ phủ của xã:   http://{hub}/do-phu
    quantri người quản trị    các điểm:        http://{hub}/diem

  ĐIỂM HỖ TRỢ XÃ PHỦ THÔNG (Lục Bình, Vi Hương nay thuộc xã này)   http://{point}
    ai cũng xem được          ki-ốt:           http://{point}/kiot
    hoa    cán bộ xã          người có uy tín: http://{point}/nguoi-co-uy-tin
    hung   lãnh đạo xã        ký báo cáo:      http://{point}/bao-cao
    tuan   người trực điểm    đồng bộ:         http://{point}/dong-bo

  Mật khẩu của mọi người: {PASSWORD}

  Thử: mai viết tin → binh duyệt → tin hiện ở ki-ốt sau vài giây → hoa in thẻ cho một người có uy tín
  → đưa mã thẻ vào ki-ốt để xác nhận → hien thấy bậc «đã xác nhận» tăng lên ở trung tâm
  (lan ở tỉnh chỉ thấy khi có từ 5 người: số nhỏ được che để không lộ ai).
  Báo cáo: hoa nhập biểu quý ở /bao-cao (cắt dây cũng được) → hung ký và gửi → lan trả lại hoặc tiếp nhận
  ở trung tâm → thao duyệt.
  Gõ c rồi Enter để cắt dây, n để nối lại. kill -9 tiến trình nào cũng được. Ctrl-C để dừng.

  Những gì qua cầu (⇣ xuống xã, ⇡ lên trung tâm):
"
    )
}
