# Staff accounts, roles by area, signing in and the audit log.

identity-nav-accounts = Staff accounts
identity-nav-audit = Audit log
identity-nav-me = My account

# Roles
identity-role-administrator = Administrator
    .hint = Opens accounts, gives roles and reads the log of an area.
identity-role-editor = Editor
    .hint = Writes items, translations and sound.
identity-role-approver = Approver
    .hint = Approves what others wrote before it is published.
identity-role-province_officer = Province officer
    .hint = Watches the results of the province's communes.
identity-role-commune_officer = Commune officer
    .hint = Enters the commune's reports; keeps villages, prestigious people and meeting records.
identity-role-commune_leader = Commune leader
    .hint = Certifies and sends the reports of a commune.
identity-role-province_leader = Province leader
    .hint = Approves the reports of the communes and of the province.
identity-role-programme_officer = Programme officer
    .hint = Keeps programmes, indicators, forms and the figures they give.
identity-role-keeper = Support-point keeper
    .hint = Looks after the machine at the support point: kiosk, sync, loudspeaker.

# Signing in
identity-sign-in-title = Staff sign-in
identity-sign-in-lede = For people who work on this system. Nobody needs to sign in to read or listen.
identity-sign-in-button = Sign in
identity-sign-in-kept = What you were writing is kept whole and will be sent after you sign in.
identity-sign-in-forgotten = Forgotten your password? Ask your administrator for a one-time password.
identity-sign-in-first = This machine has no administrator yet
identity-sign-in-first-link = Set up the first administrator
identity-sign-in-wrong = The username or the password is not right. Check Caps Lock and the Vietnamese keyboard, then try again.
identity-sign-in-suspended = This account is suspended. Please ask your administrator.
identity-sign-in-expired = The one-time password has expired. Ask your administrator for another.
identity-wait = Too many wrong tries. Wait { $seconds } seconds and try again.
identity-busy = Many people are signing in at this moment. Wait a little and press again.
identity-signed-out = You have signed out.

# The first administrator
identity-first-title = Set up the first administrator
identity-first-lede = This page opens once, while the system has no administrator.
identity-first-code = Setup code
identity-first-code-hint = Three groups of letters and digits, shown in the window where the server runs.
identity-first-code-wrong = The setup code is not right. Look again in the window where the server runs.
identity-first-button = Set up
identity-first-done = The administrator's account is ready. Please sign in.

# Names and passwords
identity-name = Full name
identity-name-hint = What colleagues see, for example: Hoàng Thị Mai
identity-name-missing = Enter the full name
identity-name-long = The name is longer than 80 letters
identity-username-hint = 2 to 40 letters, digits or . - _ @, without spaces. For example: mai.ht
identity-username-wrong = A username needs 2–40 letters or digits without spaces, at least one letter, and of signs only . - _ @
identity-username-taken = Somebody has this username already (case and Vietnamese marks do not count)
identity-password-hint = At least 10 characters. A sentence that is easy to remember is best; spaces and Vietnamese marks are fine, for example three dishes you like.
identity-password-short = A password needs at least 10 characters
identity-password-long = The password is longer than 512 bytes
identity-password-common = Many people use this password, so it is easily guessed. Choose another sentence.
identity-password-is-username = The password must not be the username
identity-password-same = The new password must differ from the one in use
identity-password-again = The two new passwords are not the same
identity-password-old-wrong = The password in use is not right

# Changing the password
identity-password-title = Change password
identity-password-first = You are using a one-time password. Set one of your own to begin working.
identity-password-old = Password in use
identity-password-new = New password
identity-password-again-label = New password again
identity-password-button = Change password
identity-password-change = Change
identity-password-changed = The password has been changed.
identity-password-others-end = After the change, other machines signed in to this account must sign in again.

# My account
identity-must-change = The password must be changed before you can work
identity-must-change-link = Change it now
identity-my-roles = My roles
identity-my-roles-none = You hold no role today. Ask your administrator for one.
identity-my-sessions = Where I am signed in
identity-my-sessions-hint = If you see a machine you do not know, end its session and change your password.
identity-session-end = End session
identity-session-ended = The session on that machine has ended.
identity-sign-out-everywhere = Sign out everywhere
identity-device = Machine
identity-device-unknown = Unknown browser
identity-this-one = This one
identity-address = Network address
identity-since = Signed in
identity-last-seen = Last used
identity-what-to-do = What to do

# Looking after accounts
identity-accounts-search = Find by name or username
identity-accounts-total = { $count } accounts
identity-accounts-none = There is no account in your area yet.
identity-accounts-none-found = No account fits. Try a part of the name; marks are not needed.
identity-place = Area
identity-works-at = Works at
identity-state = State
identity-active = In use
identity-suspended = Suspended
identity-never-changed = Password not changed yet
identity-suspended-notice = The account is suspended: this person cannot sign in.
identity-never-changed-notice = This person still has a one-time password. Roles take effect only after it has been changed.
identity-opened-at = Opened
identity-account-audit = See this person's log
identity-new-title = Open an account
identity-new-lede = You will get a one-time password to hand to this person.
identity-new-button = Open the account
identity-place-hint = Type the name of a commune or province (marks are not needed), for example: xa phu thong. The whole country: type “Every area”.
identity-everywhere = Every area
identity-no-end = No end
identity-date-wrong = This date cannot be read. Write day/month/year, for example 05/09/2027.

identity-roles = Roles
identity-role = Role
identity-role-first = First role
identity-roles-none = No role has been given.
identity-from = From
identity-until = Up to and including
identity-from-label = Holds from
identity-from-hint = Empty means from today. Write day/month/year.
identity-until-label = Up to and including
identity-until-hint = Empty means without end. Write day/month/year, for example 31/12/2026.
identity-grant-now = In force
identity-grant-later = Not yet
identity-grant-over = Over
identity-role-give-title = Give another role
identity-role-give-button = Give the role
identity-role-end = End
identity-role-given = The role has been given.
identity-role-ended = The role has ended.
identity-role-missing = Choose a role
identity-role-unknown = There is no such role
identity-role-dates = The last day must come after the first
identity-role-past = The last day is over already
identity-role-longer-than-yours = You cannot give it for longer than your own role lasts. Choose an earlier last day.
identity-role-places = A person holds one role in at most 8 places. Give it for a wider place, or end some.

identity-account-care = Help with this account
identity-reset-hint = A new password signs the person out on every machine at once.
identity-reset = Give a one-time password
identity-suspend = Suspend the account
identity-reopen = Open the account again
identity-account-suspended = The account is suspended. The person has been signed out everywhere.
identity-account-reopened = The account is open again.

identity-one-time-title = One-time password
identity-one-time-lede = Hand it over or read it out on the phone. Do not send it over social media.
identity-one-time-password = Password
identity-one-time-valid = Valid for
identity-one-time-days = { $days } days
identity-one-time-once = This password is shown once. It cannot be read again after you leave; if need be, give another.
identity-one-time-done = Noted, back to the account

# The log
identity-audit-lede = Who did what and when. Lines are only added, never changed or removed.
identity-audit-when = When
identity-audit-who = Who
identity-audit-action = What
identity-audit-subject = To what
identity-audit-all = Everything
identity-audit-nobody = Nobody known
identity-audit-none = No line fits.
identity-audit-of-publishing = Everything about publications
identity-audit-of-reach = Everything about reach
identity-audit-of-reporting = Everything about reports and figures
identity-audit-of-delivery = Everything about points
identity-audit-sign-in = Signed in
identity-audit-sign-in-refused = Sign-in refused
identity-refused-wrong-password = Wrong password
identity-refused-unknown-name = No such username
identity-refused-suspended = The account is suspended
identity-refused-one-time-password-expired = The one-time password has expired
identity-refused-flood = A flood from one address; later tries are not noted
identity-audit-sign-out = Signed out
identity-audit-sign-out-everywhere = Signed out everywhere
identity-audit-session-ended = Ended a session on another machine
identity-audit-password-changed = Changed the own password
identity-audit-password-reset = Gave a one-time password
identity-audit-account-opened = Opened an account
identity-audit-account-suspended = Suspended an account
identity-audit-account-reopened = Opened a suspended account again
identity-audit-role-given = Gave a role
identity-audit-role-ended = Ended a role
identity-audit-administrator-rescued = Restored an administrator from the server

# Problems
problem-identity-account-not-found = There is no such account
    .next = Find it by name in the list. An account exists only on the machine where it was opened.
problem-identity-above-you = This account reaches further or lasts longer than your own authority
    .next = Ask an administrator above you.
problem-identity-not-yourself = You cannot do this to your own account
    .next = Ask another administrator; that is how at least one always remains. Change your own password under “My account”.
problem-identity-first-exists = The system has an administrator already
    .next = The first-run page is closed. If nobody can sign in any more, whoever keeps the server runs “nhipcau admin”.
problem-identity-busy = Many people are signing in at this moment
    .next = Wait a little and try again.

# Authority that follows a change of the map.
identity-waiting-title = Your authority waits for a decision
identity-waiting = Your role { $role } over { $place } has ended because the unit was divided among: { $heirs }. Whoever is responsible for these units decides where you go on. Meanwhile you can sign in and read.
identity-audit-role-followed = A role went on over the new unit
identity-audit-role-waits = A role ended and waits for a decision
identity-audit-role-not-followed = A role does not go on
identity-audit-role-restored = A role is as it was before the resolution

# Address for letters.
identity-mail-address = E-mail address
identity-address-why = For reminders and regular reports
identity-address-manage = Give or change
identity-address-title = Address for letters
identity-address-lede = This address is used to send reminders and regular reports to you alone. Nobody else sees it.
identity-address-give = Give an address
identity-address-other = Use another address
identity-address-hint = An official mailbox is best.
identity-address-send = Send a code
identity-address-asked = A code was sent to that address.
identity-address-confirm-title = Type the code
identity-address-waits = A code of 8 digits was sent to { $address }. It works for 24 hours. If it does not arrive, look among the junk too.
identity-address-code = Code
identity-address-confirm = Confirm
identity-address-confirmed = The address is confirmed.
identity-address-drop = Take this address away
identity-address-dropped = The address is gone. No more letters are sent to you.
identity-address-no-post = No mail server is connected here, so no letters can be sent. Reminders still stand in the program.
identity-address-wrong = This is no address. Example: name@unit.gov.vn
identity-address-too-often = No more codes can be sent today. Try again tomorrow.
identity-address-code-wrong = The code is wrong or too old. After five wrong ones a new code is needed.
identity-address-letter-subject = Code for your address
identity-address-letter-code = Your code: { $code }. It works for 24 hours.
identity-address-letter-not-you = If you did not give this address at Nhịp Cầu, ignore this letter.
identity-audit-address-asked = Gave an address for letters
identity-audit-address-confirmed = Confirmed an address for letters
identity-audit-address-dropped = Took an address for letters away
problem-identity-no-post = No mail server is connected here
    .next = The operator of this machine connects one. Reminders still stand in the program.
# The menu: one name for the pages of this house.
identity-nav-group = Administration
