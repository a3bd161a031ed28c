# What the laboratory's Request Tracker starts with; read by rt-setup-database --action insert.
use utf8;
our @Queues = map { { Name => $_ } } ('Servicedesk', 'Second line', 'Elsewhere');

our @CustomFields = (
    {   Name => 'Municipality', Type => 'SelectSingle', LookupType => 'RT::Queue-RT::Ticket', ApplyTo => 0,
        Values => [ map { { Name => $_ } } ('Askersund', 'Hallsberg', 'Laxå', 'Lekeberg') ] },
    {   Name => 'TicketType', Type => 'SelectSingle', LookupType => 'RT::Queue-RT::Ticket', ApplyTo => 0,
        Values => [ map { { Name => $_ } } ('Incident', 'Service request', 'Order') ] },
    {   Name => 'Private', Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket', ApplyTo => 0 },
);

our @Users = (
    { Name => 'kpi',    Password => 'kpi-password',    Privileged => 1, Timezone => 'Asia/Kathmandu' },
    { Name => 'agent1', Password => 'agent1-password', Privileged => 1 },
    { Name => 'agent2', Password => 'agent2-password', Privileged => 1 },
    { Name => 'cust1',  Password => 'cust1-password',  Privileged => 0, EmailAddress => 'cust1@lab.test' },
);

our @Final = (sub {
    my $load = sub { my $o = $_[0]->new($RT::SystemUser); $o->Load($_[1]); $o };
    my $grant = sub {
        my ($who, $object, @rights) = @_;
        for my $right (@rights) {
            my ($ok, $msg) = $who->PrincipalObj->GrantRight(Right => $right, Object => $object);
            die "$right: $msg" unless $ok;
        }
    };
    for my $name (qw(agent1 agent2)) {
        $grant->($load->('RT::User', $name), $RT::System,
            qw(SeeQueue ShowTicket ShowTicketComments CreateTicket ReplyToTicket CommentOnTicket ModifyTicket
               DeleteTicket OwnTicket SeeCustomField ModifyCustomField SetInitialCustomField));
    }
    my $kpi = $load->('RT::User', 'kpi');
    for my $queue ('Servicedesk', 'Second line') {
        $grant->($kpi, $load->('RT::Queue', $queue), qw(SeeQueue ShowTicket));
    }
    for my $field ('Municipality', 'TicketType') {
        $grant->($kpi, $load->('RT::CustomField', $field), 'SeeCustomField');
    }
    my $everyone = RT::Group->new($RT::SystemUser);
    $everyone->LoadSystemInternalGroup('Everyone');
    $grant->($everyone, $RT::System, qw(SeeQueue CreateTicket ReplyToTicket));
    my $requestor = $RT::System->RoleGroup('Requestor');
    $grant->($requestor, $RT::System, 'ShowTicket');

    for my $name (qw(kpi agent1 agent2)) {
        my $token = RT::AuthToken->new($RT::SystemUser);
        my ($ok, $msg, $text) = $token->Create(Owner => $load->('RT::User', $name)->id, Description => 'laboratory');
        die $msg unless $ok;
        print STDOUT "TOKEN $name $text\n";
    }

    # More hidden rows than a page holds, which no poller may take for the end.
    my $hidden = RT::Ticket->new($RT::SystemUser);
    my ($id, undef, $msg) = $hidden->Create(Queue => 'Elsewhere', Subject => 'hidden', Requestor => 'cust1@lab.test');
    die $msg unless $id;
    for my $value (1 .. 110) {
        $hidden->_NewTransaction(Type => 'Set', Field => 'Priority', OldValue => $value - 1, NewValue => $value,
            ActivateScrips => 0);
    }
});
1;
