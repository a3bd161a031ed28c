# What the laboratory's Request Tracker starts with; read by rt-setup-database --action insert.
use utf8;
our @Queues = (
    (map { { Name => $_ } } ('Servicedesk', 'Second line', 'Elsewhere', 'Quiet')),
    { Name => 'Agreed', SLADisabled => 0 },
);

our @CustomFields = (
    {   Name => 'Municipality', Type => 'SelectSingle', LookupType => 'RT::Queue-RT::Ticket', ApplyTo => 0,
        Values => [ map { { Name => $_ } } ('Askersund', 'Hallsberg', 'Laxå', 'Lekeberg') ] },
    {   Name => 'TicketType', Type => 'SelectSingle', LookupType => 'RT::Queue-RT::Ticket', ApplyTo => 0,
        Values => [ map { { Name => $_ } } ('Incident', 'Service request', 'Order') ] },
    {   Name => 'Private', Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket', ApplyTo => 0 },
);

our @Users = (
    { Name => 'kpi',    Password => 'kpi-password',    Privileged => 1, Timezone => 'Asia/Kathmandu' },
    { Name => 'noter',  Password => 'noter-password',  Privileged => 1 },
    { Name => 'robot',  Password => 'robot-password',  Privileged => 1 },
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
    for my $name (qw(agent1 agent2 robot)) {
        $grant->($load->('RT::User', $name), $RT::System,
            qw(SeeQueue ShowTicket ShowTicketComments CreateTicket ReplyToTicket CommentOnTicket ModifyTicket
               DeleteTicket OwnTicket SeeCustomField ModifyCustomField SetInitialCustomField));
    }
    my %seen = (kpi => ['Servicedesk', 'Second line', 'Agreed'], noter => ['Servicedesk', 'Quiet']);
    for my $name (keys %seen) {
        my $user = $load->('RT::User', $name);
        $grant->($user, $load->('RT::Queue', $_), qw(SeeQueue ShowTicket)) for @{ $seen{$name} };
        for my $field ('Municipality', 'TicketType') {
            $grant->($user, $load->('RT::CustomField', $field), 'SeeCustomField');
        }
    }
    $grant->($load->('RT::User', 'noter'), $load->('RT::Queue', 'Servicedesk'), 'ShowTicketComments');
    my $everyone = RT::Group->new($RT::SystemUser);
    $everyone->LoadSystemInternalGroup('Everyone');
    $grant->($everyone, $RT::System, qw(SeeQueue CreateTicket ReplyToTicket));
    my $requestor = $RT::System->RoleGroup('Requestor');
    $grant->($requestor, $RT::System, 'ShowTicket');

    for my $name (qw(kpi noter robot agent1 agent2)) {
        my $token = RT::AuthToken->new($RT::SystemUser);
        my ($ok, $msg, $text) = $token->Create(Owner => $load->('RT::User', $name)->id, Description => 'laboratory');
        die $msg unless $ok;
        print STDOUT "TOKEN $name $text\n";
    }

    # More hidden rows than a page holds, which no poller may take for the end: a ticket that is
    # not seen, and one of which only the comments are not.
    my %hidden = (
        Elsewhere => sub { (Type => 'Set', Field => 'Priority', OldValue => $_[0] - 1, NewValue => $_[0]) },
        Quiet     => sub { (Type => 'Comment') },
    );
    for my $queue (sort keys %hidden) {
        my $ticket = RT::Ticket->new($RT::SystemUser);
        my ($id, undef, $msg) = $ticket->Create(Queue => $queue, Subject => 'hidden', Requestor => 'cust1@lab.test');
        die $msg unless $id;
        $ticket->_NewTransaction($hidden{$queue}->($_), ActivateScrips => 0) for 1 .. 110;
    }
});
1;
