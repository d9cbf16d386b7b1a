# Tài khoản cán bộ, vai trò theo địa bàn, đăng nhập và nhật ký.

identity-nav-accounts = Tài khoản cán bộ
identity-nav-audit = Nhật ký hệ thống
identity-nav-me = Tài khoản của tôi

# Vai trò
identity-role-administrator = Quản trị
    .hint = Mở tài khoản, cấp vai trò và xem nhật ký trong địa bàn.
identity-role-editor = Biên tập
    .hint = Soạn tin, bài, bản dịch và âm thanh.
identity-role-approver = Phê duyệt
    .hint = Duyệt nội dung do người khác soạn trước khi phát hành.
identity-role-province_officer = Cán bộ tỉnh
    .hint = Theo dõi kết quả các xã trong tỉnh.
identity-role-commune_officer = Cán bộ xã
    .hint = Nhập báo cáo của xã; cập nhật thôn, người có uy tín và biên bản họp thôn.
identity-role-commune_leader = Lãnh đạo xã
    .hint = Ký xác thực và gửi báo cáo của xã.
identity-role-province_leader = Lãnh đạo tỉnh
    .hint = Duyệt báo cáo của các xã và của tỉnh.
identity-role-programme_officer = Cán bộ chương trình
    .hint = Quản lý chương trình, chỉ tiêu, biểu báo cáo và số liệu tổng hợp.
identity-role-keeper = Người trực điểm hỗ trợ
    .hint = Trông máy ở điểm hỗ trợ: kiốt, đồng bộ, loa.

# Đăng nhập
identity-sign-in-title = Cán bộ đăng nhập
identity-sign-in-lede = Trang này dành cho người làm việc trên hệ thống. Bà con xem và nghe tin không cần đăng nhập.
identity-sign-in-button = Đăng nhập
identity-sign-in-kept = Nội dung đang viết dở vẫn được giữ nguyên và sẽ gửi tiếp sau khi đăng nhập.
identity-sign-in-forgotten = Quên mật khẩu: xin người quản trị của đơn vị cấp mật khẩu dùng một lần.
identity-sign-in-first = Máy này chưa có người quản trị
identity-sign-in-first-link = Lập tài khoản quản trị đầu tiên
identity-sign-in-wrong = Tên đăng nhập hoặc mật khẩu chưa đúng. Kiểm tra phím Caps Lock và bộ gõ tiếng Việt rồi nhập lại.
identity-sign-in-suspended = Tài khoản này đang bị tạm khóa. Xin liên hệ người quản trị của đơn vị.
identity-sign-in-expired = Mật khẩu dùng một lần đã hết hạn. Xin người quản trị cấp lại.
identity-wait = Đã thử sai nhiều lần. Chờ { $seconds } giây rồi thử lại.
identity-busy = Đang có nhiều người đăng nhập cùng lúc. Chờ một lát rồi bấm lại.
identity-signed-out = Đã đăng xuất.

# Người quản trị đầu tiên
identity-first-title = Lập tài khoản quản trị đầu tiên
identity-first-lede = Trang này chỉ mở một lần, khi hệ thống chưa có người quản trị nào.
identity-first-code = Mã cài đặt
identity-first-code-hint = Mã gồm ba nhóm chữ và số, hiện trong cửa sổ đang chạy máy chủ.
identity-first-code-wrong = Mã cài đặt chưa đúng. Xem lại trong cửa sổ đang chạy máy chủ.
identity-first-button = Lập tài khoản
identity-first-done = Đã lập tài khoản quản trị. Mời đăng nhập.

# Tên và mật khẩu
identity-name = Họ và tên
identity-name-hint = Tên đồng nghiệp nhìn thấy, ví dụ: Hoàng Thị Mai
identity-name-missing = Nhập họ và tên
identity-name-long = Họ và tên dài quá 80 chữ cái
identity-username-hint = Từ 2 đến 40 chữ cái, chữ số hoặc dấu . - _ @, viết liền. Ví dụ: mai.ht
identity-username-wrong = Tên đăng nhập cần 2–40 chữ cái hoặc chữ số viết liền, có ít nhất một chữ cái; chỉ dùng thêm các dấu . - _ @
identity-username-taken = Đã có người dùng tên đăng nhập này (không phân biệt chữ hoa, chữ thường và dấu)
identity-password-hint = Ít nhất 10 ký tự. Nên dùng một câu dễ nhớ, có dấu cách và có dấu tiếng Việt đều được, ví dụ tên ba món ăn bạn thích.
identity-password-short = Mật khẩu cần ít nhất 10 ký tự
identity-password-long = Mật khẩu dài quá 512 byte
identity-password-common = Mật khẩu này nhiều người dùng nên dễ bị đoán. Chọn một câu khác.
identity-password-is-username = Mật khẩu không được là tên đăng nhập
identity-password-same = Mật khẩu mới phải khác mật khẩu đang dùng
identity-password-again = Hai lần nhập mật khẩu mới chưa giống nhau
identity-password-old-wrong = Mật khẩu đang dùng chưa đúng

# Đổi mật khẩu
identity-password-title = Đổi mật khẩu
identity-password-first = Bạn đang dùng mật khẩu một lần. Đặt mật khẩu của riêng bạn để bắt đầu làm việc.
identity-password-old = Mật khẩu đang dùng
identity-password-new = Mật khẩu mới
identity-password-again-label = Nhập lại mật khẩu mới
identity-password-button = Đổi mật khẩu
identity-password-change = Đổi
identity-password-changed = Đã đổi mật khẩu.
identity-password-others-end = Sau khi đổi, các máy khác đang đăng nhập tài khoản này sẽ phải đăng nhập lại.

# Tài khoản của tôi
identity-must-change = Cần đổi mật khẩu trước khi làm việc
identity-must-change-link = Đổi mật khẩu ngay
identity-my-roles = Vai trò của tôi
identity-my-roles-none = Bạn chưa có vai trò nào đang có hiệu lực. Xin người quản trị của đơn vị cấp vai trò.
identity-my-sessions = Các máy đang đăng nhập
identity-my-sessions-hint = Thấy máy lạ thì kết thúc phiên của máy đó rồi đổi mật khẩu.
identity-session-end = Kết thúc phiên
identity-session-ended = Đã kết thúc phiên trên máy đó.
identity-sign-out-everywhere = Đăng xuất khỏi mọi máy
identity-device = Máy
identity-device-unknown = Không rõ trình duyệt
identity-this-one = Máy này
identity-address = Địa chỉ mạng
identity-since = Đăng nhập lúc
identity-last-seen = Dùng lần cuối
identity-what-to-do = Thao tác

# Quản lý tài khoản
identity-accounts-search = Tìm theo tên hoặc tên đăng nhập
identity-accounts-total = { $count } tài khoản
identity-accounts-none = Chưa có tài khoản nào trong địa bàn của bạn.
identity-accounts-none-found = Không có tài khoản nào khớp. Thử gõ một phần của tên, không cần dấu.
identity-place = Địa bàn
identity-works-at = Nơi làm việc
identity-state = Tình trạng
identity-active = Đang dùng
identity-suspended = Tạm khóa
identity-never-changed = Chưa đổi mật khẩu
identity-suspended-notice = Tài khoản đang bị tạm khóa: người này không đăng nhập được.
identity-never-changed-notice = Người này còn dùng mật khẩu một lần. Các vai trò chỉ có hiệu lực sau khi đã đổi mật khẩu.
identity-opened-at = Mở tài khoản lúc
identity-account-audit = Xem nhật ký của người này
identity-new-title = Mở tài khoản mới
identity-new-lede = Hệ thống sẽ cấp một mật khẩu dùng một lần để bạn trao cho người này.
identity-new-button = Mở tài khoản
identity-place-hint = Gõ tên xã, tỉnh (không dấu cũng được), ví dụ: xa phu thong. Cả nước: gõ “Mọi địa bàn”.
identity-everywhere = Mọi địa bàn
identity-no-end = Không thời hạn
identity-date-wrong = Không đọc được ngày này. Viết ngày/tháng/năm, ví dụ 05/09/2027.

identity-roles = Vai trò
identity-role = Vai trò
identity-role-first = Vai trò ban đầu
identity-roles-none = Chưa được cấp vai trò nào.
identity-from = Từ ngày
identity-until = Đến hết ngày
identity-from-label = Có hiệu lực từ ngày
identity-from-hint = Để trống là từ hôm nay. Viết ngày/tháng/năm.
identity-until-label = Đến hết ngày
identity-until-hint = Để trống là không thời hạn. Viết ngày/tháng/năm, ví dụ 31/12/2026.
identity-grant-now = Đang có hiệu lực
identity-grant-later = Chưa đến ngày
identity-grant-over = Đã hết
identity-role-give-title = Cấp thêm vai trò
identity-role-give-button = Cấp vai trò
identity-role-end = Thu hồi
identity-role-given = Đã cấp vai trò.
identity-role-ended = Đã thu hồi vai trò.
identity-role-missing = Chọn vai trò
identity-role-unknown = Không có vai trò này
identity-role-dates = Ngày kết thúc phải sau ngày bắt đầu
identity-role-past = Ngày kết thúc đã qua
identity-role-longer-than-yours = Không cấp được lâu hơn vai trò quản trị của chính bạn. Chọn ngày kết thúc sớm hơn.
identity-role-places = Mỗi người giữ một vai trò ở nhiều nhất 8 nơi. Cấp cho nơi bao trùm rộng hơn, hoặc thu hồi bớt.

identity-account-care = Hỗ trợ tài khoản
identity-reset-hint = Cấp lại mật khẩu thì mọi máy đang đăng nhập tài khoản này bị đăng xuất ngay.
identity-reset = Cấp mật khẩu dùng một lần
identity-suspend = Tạm khóa tài khoản
identity-reopen = Mở lại tài khoản
identity-account-suspended = Đã tạm khóa tài khoản. Người này bị đăng xuất khỏi mọi máy.
identity-account-reopened = Đã mở lại tài khoản.

identity-one-time-title = Mật khẩu dùng một lần
identity-one-time-lede = Trao tận tay hoặc đọc qua điện thoại cho người này. Không gửi qua mạng xã hội.
identity-one-time-password = Mật khẩu
identity-one-time-valid = Dùng được trong
identity-one-time-days = { $days } ngày
identity-one-time-once = Mật khẩu này chỉ hiện một lần. Rời trang là không xem lại được; khi cần thì cấp mật khẩu khác.
identity-one-time-done = Đã ghi lại, về trang tài khoản

# Nhật ký
identity-audit-lede = Ai đã làm gì, lúc nào. Nhật ký chỉ ghi thêm, không sửa và không xóa được.
identity-audit-when = Lúc
identity-audit-who = Người làm
identity-audit-action = Việc
identity-audit-subject = Đối tượng
identity-audit-all = Mọi việc
identity-audit-nobody = Không rõ ai
identity-audit-none = Không có dòng nhật ký nào khớp.
identity-audit-of-publishing = Mọi việc về tin bài
identity-audit-of-reach = Mọi việc về độ phủ
identity-audit-of-reporting = Mọi việc về báo cáo, số liệu
identity-audit-of-delivery = Mọi việc về điểm hỗ trợ
identity-audit-sign-in = Đăng nhập
identity-audit-sign-in-refused = Đăng nhập không thành công
identity-refused-wrong-password = Sai mật khẩu
identity-refused-unknown-name = Không có tên đăng nhập này
identity-refused-suspended = Tài khoản đang tạm khóa
identity-refused-one-time-password-expired = Mật khẩu dùng một lần đã hết hạn
identity-refused-flood = Dồn dập từ một địa chỉ; các lần sau không ghi nữa
identity-audit-sign-out = Đăng xuất
identity-audit-sign-out-everywhere = Đăng xuất khỏi mọi máy
identity-audit-session-ended = Kết thúc phiên trên máy khác
identity-audit-password-changed = Tự đổi mật khẩu
identity-audit-password-reset = Cấp mật khẩu dùng một lần
identity-audit-account-opened = Mở tài khoản
identity-audit-account-suspended = Tạm khóa tài khoản
identity-audit-account-reopened = Mở lại tài khoản
identity-audit-role-given = Cấp vai trò
identity-audit-role-ended = Thu hồi vai trò
identity-audit-administrator-rescued = Khôi phục quản trị từ máy chủ

# Vấn đề
problem-identity-account-not-found = Không tìm thấy tài khoản này
    .next = Tìm theo tên trong danh sách tài khoản. Tài khoản chỉ có trên máy đã mở nó.
problem-identity-above-you = Tài khoản này có quyền rộng hơn hoặc dài hơn quyền của bạn
    .next = Xin người quản trị cấp trên làm việc này.
problem-identity-not-yourself = Không tự làm việc này với chính tài khoản của mình được
    .next = Xin một người quản trị khác. Nhờ vậy hệ thống luôn còn ít nhất một người quản trị. Đổi mật khẩu của mình ở trang “Tài khoản của tôi”.
problem-identity-first-exists = Hệ thống đã có người quản trị
    .next = Trang lập tài khoản đầu tiên đã đóng. Nếu không ai còn đăng nhập được, người giữ máy chủ chạy lệnh “nhipcau admin”.
problem-identity-busy = Đang có nhiều người đăng nhập cùng lúc
    .next = Chờ một lát rồi thử lại.

# Quyền đi theo khi địa bàn thay đổi.
identity-waiting-title = Quyền của bạn đang chờ sắp xếp
identity-waiting = Vai trò { $role } tại { $place } đã dừng vì đơn vị này được chia cho: { $heirs }. Người phụ trách các nơi nhận sẽ quyết định bạn tiếp tục làm việc ở đâu. Trong lúc chờ, bạn vẫn đăng nhập và đọc tin được.
identity-audit-role-followed = Vai trò chuyển theo đơn vị mới
identity-audit-role-waits = Vai trò dừng, chờ sắp xếp
identity-audit-role-not-followed = Vai trò không chuyển theo
identity-audit-role-restored = Vai trò trở lại như trước nghị quyết

# Địa chỉ thư điện tử.
identity-mail-address = Địa chỉ thư điện tử
identity-address-why = Để nhận nhắc việc và báo cáo định kỳ
identity-address-manage = Khai hoặc đổi
identity-address-title = Địa chỉ nhận thư
identity-address-lede = Địa chỉ này chỉ dùng để gửi nhắc việc và báo cáo định kỳ cho chính bạn. Người khác không nhìn thấy.
identity-address-give = Khai địa chỉ
identity-address-other = Đổi địa chỉ khác
identity-address-hint = Nên dùng hộp thư công vụ.
identity-address-send = Gửi mã xác nhận
identity-address-asked = Đã gửi mã xác nhận đến địa chỉ vừa khai.
identity-address-confirm-title = Nhập mã xác nhận
identity-address-waits = Mã gồm 8 chữ số đã được gửi đến { $address }, dùng được trong 24 giờ. Nếu không thấy, hãy xem cả hộp thư rác.
identity-address-code = Mã xác nhận
identity-address-confirm = Xác nhận
identity-address-confirmed = Đã xác nhận địa chỉ nhận thư.
identity-address-drop = Bỏ địa chỉ này
identity-address-dropped = Đã bỏ địa chỉ. Hệ thống không gửi thư cho bạn nữa.
identity-address-no-post = Nơi này chưa nối với máy chủ thư nên chưa gửi thư được. Nhắc việc vẫn hiện trong hệ thống.
identity-address-wrong = Địa chỉ chưa đúng. Ví dụ: ten@donvi.gov.vn
identity-address-too-often = Hôm nay đã gửi đủ số mã cho phép. Mai hãy thử lại.
identity-address-code-wrong = Mã chưa đúng hoặc đã hết hạn. Sai năm lần thì phải xin mã mới.
identity-address-letter-subject = Mã xác nhận địa chỉ nhận thư
identity-address-letter-code = Mã xác nhận của bạn: { $code }. Mã dùng được trong 24 giờ.
identity-address-letter-not-you = Nếu bạn không khai địa chỉ này ở Nhịp Cầu, hãy bỏ qua thư.
identity-audit-address-asked = Khai địa chỉ nhận thư
identity-audit-address-confirmed = Xác nhận địa chỉ nhận thư
identity-audit-address-dropped = Bỏ địa chỉ nhận thư
problem-identity-no-post = Nơi này chưa nối với máy chủ thư
    .next = Người quản trị máy chủ khai máy chủ thư rồi thử lại. Nhắc việc vẫn hiện trong hệ thống.
# Mục lục: tên chung của các trang ở phần này.
identity-nav-group = Quản trị
